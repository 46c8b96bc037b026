"""What a cluster's driver does with files: looks at the table's, and puts the result in its place, whole or not at all.

Files are reached as the cluster reaches them (Hadoop's file systems: HDFS, S3, a shared disk), with its settings and its rights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from wotu.rulebook.columnar.intake import Source, source
from wotu.rulebook.columnar.summary import same
from wotu.rulebook.documents import refuse
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OBJECT_STORES = ("s3", "s3a", "s3n", "gs", "oss", "obs", "cos", "cosn")
"""Where a folder cannot be renamed at one stroke: the result is whole when its summary.json is there."""
REFUSED = "wotu-refused:"
"""Before what a worker refuses, in the message of its exception."""
TAIL = 64 * 2**10
"""Bytes read from a file's end; a footer that is longer takes a second look."""
T = TypeVar("T")


def refused(findings: Sequence[Finding]) -> RuntimeError:
    """What a worker raises, so that the driver can say it."""
    said = [[each.where, each.what, each.how_to_mend] for each in findings]
    return RuntimeError(f"{REFUSED}{json.dumps(said)}")


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turns what Spark, Java or a worker raises into RulebookError with one sentence."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as problem:
        text = str(problem)
        found = re.search(re.escape(REFUSED) + r"(\[\[.*?\]\])", text)
        if found is not None:
            raise RulebookError([Finding(*each) for each in json.loads(found[1])]) from None
        java = getattr(problem, "java_exception", None)
        first = (java.toString() if java is not None else text).strip().split("\n")[0]
        raise refuse(where, f"Spark 没有做完（{first}）", "详情在 Spark 的日志里；什么都没有留下") from None


@dataclass(frozen=True)
class Place:
    """A folder or file where the cluster can read and write."""

    spark: SparkSession
    address: str

    def __str__(self) -> str:
        return str(self.path.toString())

    @property
    def path(self) -> Any:
        """Hadoop's path, complete."""
        path = self._path(self.address)
        return path.getFileSystem(self._settings).makeQualified(path)

    @property
    def files(self) -> Any:
        """Hadoop's file system that it lies in."""
        return self.path.getFileSystem(self._settings)

    @property
    def name(self) -> str:
        """Its last part."""
        return str(self.path.getName())

    def beside(self, name: str) -> Place:
        """Another one in the same folder."""
        return Place(self.spark, f"{self.path.getParent().toString()}/{name}")

    def beneath(self, name: str) -> Place:
        """One in this folder."""
        return Place(self.spark, f"{self}/{name}")

    def exists(self) -> bool:
        """Whether there is something."""
        return bool(self.files.exists(self.path))

    def remove(self) -> None:
        """Away with it and what it holds."""
        self.files.delete(self.path, True)

    def write(self, data: bytes) -> None:
        """A file of these bytes."""
        stream = self.files.create(self.path, True)
        try:
            stream.write(data)
        finally:
            stream.close()

    def read(self) -> bytes:
        """A file's bytes."""
        return self.end(int(self.files.getFileStatus(self.path).getLen()))

    def end(self, size: int) -> bytes:
        """A file's last bytes."""
        length = self.files.getFileStatus(self.path).getLen()
        stream = self.files.open(self.path)
        try:
            stream.seek(max(0, length - size))
            return bytes(stream.readNBytes(min(size, length)))
        finally:
            stream.close()

    def move(self, to: Place) -> None:
        """Under another name; RulebookError where that is not possible."""
        if not self.files.rename(self.path, to.path):
            raise refuse(to.address, "写不了（改名不成）", "请检查权限，再运行一次；什么都没有留下")

    def earlier(self, key: str) -> dict[str, Any] | None:
        """The summary of the very same job; RulebookError where something else is in the way."""
        if not self.exists():
            return None
        if not self.files.listStatus(self.path):
            self.remove()
            return None
        said = self.beneath("summary.json")
        return same(said.read() if said.exists() else None, key, self.address)

    def _path(self, address: str) -> Any:
        jvm: Any = self.spark._jvm
        return jvm.org.apache.hadoop.fs.Path(address)

    @property
    def _settings(self) -> Any:
        return self.spark._jsc.hadoopConfiguration()


def put(aside: Place, out: Place, datasets: Mapping[str, bytes], files: Mapping[str, bytes]) -> None:
    """What Spark wrote by kind (else a file that says there is none), and some files, as the result.

    Whoever looks sees all of it or, where the last file is not there, knows that it is not whole.
    """
    at_once = out.files.getScheme() not in OBJECT_STORES
    target = aside if at_once else out
    target.files.mkdirs(target.path)
    for name, none in datasets.items():
        written = aside.beneath("written").beneath(f"kind={name}")
        if written.exists():
            written.move(target.beneath(name))
        else:
            target.beneath(name).beneath("none.parquet").write(none)
    for name, data in files.items():
        target.beneath(name).write(data)
    if at_once:
        aside.beneath("written").remove()
        out.files.mkdirs(out.path.getParent())
        aside.move(out)


# --- the table ------------------------------------------------------------------------------------------------------


def looked_at(spark: SparkSession, table: str, folder: Path, id: str | None) -> tuple[Source, dict[Path, str]]:
    """The table by its files' footers, and each file's address; RulebookError as for a table on this machine.

    The footers are laid into `folder` as files with nothing before them (sparse, of the true size), so that the very same
    checks look at them, and a table is known by the same hash wherever it is screened.
    """
    root = Place(spark, table)
    mirror = folder / (root.name or "table")
    found: dict[Path, Place] = {}
    if root.exists():
        listed = root.files.listFiles(root.path, True)
        base = root.path.toUri().getPath()
        while listed.hasNext():
            path = listed.next().getPath()
            inner = path.toUri().getPath()[len(base) :].strip("/")
            if (not inner or inner.endswith(".parquet")) and not _hidden(inner):
                found[mirror / inner if inner else mirror] = Place(spark, path.toString())
        if not found:
            mirror.mkdir()

    def copy(file: Path) -> tuple[Path, str]:
        _footer(found[file], file)
        return file, str(found[file].path.toUri().toString())

    with ThreadPoolExecutor(8) as pool:
        addresses = dict(pool.map(copy, found))
    try:
        return source(mirror, id), addresses
    except RulebookError as refused:
        raise RulebookError(
            [replace(each, where=each.where.replace(str(mirror), table)) for each in refused.findings]
        ) from None


def _hidden(inner: str) -> bool:
    """What Spark does not read."""
    return any(part.startswith((".", "_")) and "=" not in part for part in inner.split("/"))


def _footer(place: Place, file: Path) -> None:
    tail = place.end(TAIL)
    size = int.from_bytes(tail[-8:-4], "little") + 8
    if len(tail) == TAIL and size > TAIL:
        tail = place.end(size)
    length = int(place.files.getFileStatus(place.path).getLen())
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "wb") as stream:
        stream.truncate(length)
        stream.seek(length - len(tail))
        stream.write(tail)


def by_hash(spark: SparkSession, files: Mapping[str, T]) -> dict[int, T]:
    """Files by the hash (Spark's xxhash64) of their address, in each way that Spark may write it."""
    written: dict[str, T] = {}
    for address, value in files.items():
        for form in (address, re.sub("^file:/+", "file:/", address), re.sub("^file:/+", "file:///", address)):
            written[form] = value
    if not written:
        return {}
    rows = spark.createDataFrame([(form,) for form in written], "form string").selectExpr(
        "form", "xxhash64(form) AS hash"
    )
    return {int(row["hash"]): written[row["form"]] for row in rows.collect()}


__all__ = ["OBJECT_STORES", "Place", "by_hash", "looked_at", "put", "refused", "told"]
