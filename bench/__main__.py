"""`python -m bench [QUESTION …] [--full] [--huge] [--threads 1,2] [--json FILE]`: one table, and a JSON with versions."""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.manifest import QUESTIONS

PACKAGES = ("wotu", "numba", "numpy", "pyarrow", "pyspark", "polars", "duckdb", "zen-engine", "SpiffWorkflow")


def main() -> None:
    """Ask the questions and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="量一量：每个问题一张表，另存 JSON。")
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS), help="、".join(QUESTIONS))
    parser.add_argument("--full", action="store_true", help="所有规模和对手")
    parser.add_argument("--huge", action="store_true", help="再加一千万行")
    parser.add_argument("--threads", default="1,2", help="线程数，逗号隔开")
    parser.add_argument("--json", type=Path, help="把结果和各版本写到这个文件")
    given = parser.parse_args()
    threads = tuple(int(text) for text in given.threads.split(","))
    answers = {}
    for name in given.questions:
        if name not in QUESTIONS:
            parser.error(f"没有问题“{name}”，有：{'、'.join(QUESTIONS)}")
        module = import_module(f"bench.{name}")
        answers[name] = module.answer(full=given.full, huge=given.huge, threads=threads)
        print(f"\n{name}：{answers[name]['question'].strip()}")
        print(module.shown(answers[name]) if hasattr(module, "shown") else shown(answers[name]))
    if given.json is not None:
        given.json.write_text(
            json.dumps({"machine": machine(), "answers": answers}, ensure_ascii=False, indent=1, default=str)
        )


def machine() -> dict[str, Any]:
    """What it was measured on."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "没有安装"
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "cpu": _model(),
        "load": os.getloadavg(),
        "packages": found,
    }


def _model() -> str:
    """The processor's name."""
    said = Path("/proc/cpuinfo")
    lines = said.read_text().splitlines() if said.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def shown(answer: dict[str, Any]) -> str:
    """What was measured as a table, then whatever else was found."""
    lines = [f"{'行':>10} {'规则':>6} {'线程':>4} {'秒':>12} {'对 polars':>10}  工具"]
    for each in answer["measured"]:
        ratio = f"{each['times_polars']:.1f}×" if each.get("times_polars") else ""
        numbers = f"{each['rows']:>10} {each['policies']:>6} {each['threads']:>4} {each['seconds']:>12.4f}"
        lines.append(f"{numbers} {ratio:>10}  {each['tool']}")
    others = (key for key in answer if key not in ("question", "measured"))
    return "\n".join([*lines, *(f"{key}: {json.dumps(answer[key], ensure_ascii=False)}" for key in others)])


if __name__ == "__main__":
    main()
