"""`wotu rules screen --engine spark`: the table and the result are addresses that the cluster can read and write."""

from __future__ import annotations

import os
import sys
from datetime import date
from typing import Any

from ..columnar.library import Library
from ..documents import refuse
from .arguments import Given


def screened(given: Given, rules: Library, as_of: date, memory: int, distances: bool | None) -> dict[str, Any]:
    """The summary of a screening on Spark; RulebookError where PySpark is not there or does not start."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise refuse("--engine spark", "没有安装 PySpark", "pip install 'wotu[spark]'，并装好 Java 17") from None
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    from ..columnar.spark import screen

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("wotu")
    if given.has("master"):  # else what spark-submit or spark-defaults.conf says, or this machine
        builder = builder.master(given.one("master"))
    for setting in given.values.get("conf", ()):
        name, equals, value = setting.partition("=")
        if not equals:
            raise refuse("--conf", f"“{setting}”没有等号", "请写成 spark.executor.memory=4g 的样子")
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as problem:
        first = str(problem).strip().split("\n")[0]
        raise refuse("--engine spark", f"Spark 没有启动（{first}）", "请检查 --master、--conf 和 Java") from None
    try:
        if not spark.sparkContext.getConf().contains("spark.log.level"):
            spark.sparkContext.setLogLevel("FATAL")  # what is wrong is said in a sentence
        return screen(
            spark, rules, given.one("table"), given.one("out"), as_of,
            id=given.one("id") or None, unfit=given.one("unfit", "refuse"),
            distances=distances, memory=memory,
        )  # fmt: skip
    finally:
        spark.stop()
