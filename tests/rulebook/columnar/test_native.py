"""Machine code comes from where it is kept, without numba, and never from a file that is not what was written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wotu.rulebook.columnar import native, private, quick, roaring

KERNELS = """
from typing import TYPE_CHECKING
from wotu.rulebook.columnar.native import I64x1, U64x1, kernel
if TYPE_CHECKING:
    from wotu.rulebook.columnar import vectors

@kernel
def count(words: U64x1, start: int, found: I64x1) -> None:
    found[0] = start + total(words)

def total(words):
    many = 0
    for word in range(len(words)):
        many += vectors.ones(words[word])
    return many
"""
ASKED = """
import sys
import numpy as np
import kernels
found = np.zeros(1, np.int64)
kernels.count(np.array([7, 1], np.uint64), 100, found)
print(int(found[0]), "numba" in sys.modules)
"""


def test_what_one_process_compiled_the_next_has_without_numba(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text(KERNELS)

    def process() -> str:
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
        asked = [sys.executable, "-c", ASKED]
        return subprocess.run(asked, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    assert process() == "104 True\n"
    assert process() == "104 False\n"
    (kept,) = (tmp_path / "wotu" / "code").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])  # damaged: compiled again, and mended
    assert process() == "104 True\n"
    assert process() == "104 False\n"


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert private.folder("code") == tmp_path / "wotu" / "code"
    (tmp_path / "wotu" / "code").chmod(0o777)
    assert private.folder("code") is None
    assert native.missing() == []


def test_code_is_known_by_its_sources_their_numbers_and_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    before = native._key(roaring.__name__)
    assert native._key(roaring.__name__) == before != native._key(quick.__name__)
    with monkeypatch.context() as patch:
        patch.setattr(roaring, "MOST", roaring.MOST + 1)
        assert native._key(roaring.__name__) != before
    monkeypatch.setattr(native, "_features", lambda: "+none")
    assert native._key(roaring.__name__) != before


@pytest.mark.parametrize(
    "wrong",
    [
        np.arange(8)[::2], np.arange(4).reshape(2, 2), np.arange(4, dtype=np.int32), np.arange(4).astype(">i8"), [1, 2], None,
    ],
    ids=["strided", "two axes", "narrow", "other order", "list", "nothing"],
)  # fmt: skip
def test_another_array_than_was_compiled_for_is_refused(wrong: object) -> None:
    plane = np.zeros(1, np.uint64)
    with pytest.raises(TypeError, match="rows has to be a contiguous array of int64 with 1 axes"):
        quick.listed(plane, plane, wrong)  # type: ignore[arg-type]


def test_arguments_are_counted() -> None:
    plane = np.zeros(1, np.uint64)
    with pytest.raises(TypeError, match="takes 3 arguments, and was given 4"):
        quick.listed(plane, plane, np.zeros(1, np.int64), plane)  # type: ignore[call-arg]


def test_a_kernel_reads_arrays_that_begin_anywhere() -> None:
    plane = np.frombuffer(bytearray(b"\0" + np.array([0b1010], np.uint64).tobytes()), np.uint64, offset=1)
    assert not plane.flags.aligned
    rows = np.zeros(2, np.int64)
    quick.listed(plane, np.zeros(1, np.uint64), rows)
    assert rows.tolist() == [1, 3]


@pytest.mark.parametrize("width", [np.int64, np.int32, np.int16])
def test_a_kernel_of_several_widths_takes_each(width: type) -> None:
    values = np.zeros(64, width)
    values[:3] = [-5, 7, 8]
    yes, no = np.zeros(1, np.uint64), np.zeros(1, np.uint64)
    quick.bounded(values, np.array([0b111], np.uint64), 7, 0, yes, no)
    assert (int(yes[0]), int(no[0])) == (0b110, 0b001)
