"""Files that are not what they should be: each gets one sentence that says what it is and what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tests.registry.intake.sheets import HEAD, firm, read, text, xlsx
from wotu.registry.intake.books import Unreadable

A = firm(1)
ROWS = [[*HEAD, "营业收入(万元)"], [*A, 1]]


def good(path: Path) -> Path:
    return xlsx(path, {"2023": ROWS})


def encrypted(path: Path) -> Path:
    plain = io.BytesIO(good(path).read_bytes())
    with path.open("wb") as file:
        OOXMLFile(plain).encrypt("secret", file)
    return path


def bomb(path: Path) -> Path:
    good(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x.bin", "w") as part:
        for _ in range(64):
            part.write(bytes(1 << 20))
    return path


def huge(path: Path) -> Path:
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(300 * 1024**2)
    return path


def cut(path: Path) -> Path:
    whole = good(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def flipped(path: Path) -> Path:
    whole = bytearray(good(path).read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    start = info.header_offset + 60
    whole[start : start + 40] = bytes(40)
    path.write_bytes(whole)
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    return path


def macro_free_word(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return path


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (encrypted, "a.xlsx", "密码"),
        (bomb, "a.xlsx", "压缩炸弹"),
        (huge, "a.xlsx", "300 MB"),
        (cut, "a.xlsx", "损坏"),
        (flipped, "a.xlsx", "损坏"),
        (written(b""), "a.xlsx", "空的"),
        (written(b"%PDF-1.7 ..."), "a.xlsx", "PDF"),
        (written(b"<html><table><tr><td>x</td></tr></table></html>"), "a.xls", "网页"),
        (written(b"\xff\xfe\xfa\x81\x00\xd8"), "a.csv", "编码"),
        (written(b"\x81\x20\xff\xff,\x80\n"), "a.csv", "编码"),
        (written(b"\x00\x01\x02binary"), "a.csv", "不是表格"),
        (written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "a.xls", "请"),
        (zipped, "a.xlsx", "压缩包"),
        (macro_free_word, "a.xlsx", "Word"),
        (lambda path: text(path, [["hello"], ["world"]]), "a.csv", "没有找到表格"),
        (lambda path: xlsx(path, {"a": [HEAD]}), "a.xlsx", "只有表头"),
        (lambda path: xlsx(path, {"a": [], "b": [["随便写点什么"]]}), "a.xlsx", "没有找到表格"),
        (lambda path: path, "没有.xlsx", "没有这个文件"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path: Path, make: Callable[[Path], Path], name: str, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(make(tmp_path / name))
    sentence = str(refused.value)
    assert name in sentence
    assert words in sentence
    assert "请" in sentence
    assert "\n" not in sentence


def test_a_file_of_another_kind_than_its_name_is_read_by_its_content(tmp_path: Path) -> None:
    as_csv = good(tmp_path / "2023.csv")
    as_xlsx = text(tmp_path / "2023.xlsx", ROWS)
    for file in (as_csv, as_xlsx):
        got = read(file)
        assert list(got.facts.values()) == ["10000.00"]
        assert any("扩展名" in said for said in got.said)


def test_an_encrypted_file_is_really_encrypted(tmp_path: Path) -> None:
    with encrypted(tmp_path / "a.xlsx").open("rb") as file:
        assert msoffcrypto.OfficeFile(file).is_encrypted()


def test_a_workbook_that_spans_too_far_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ROWS:
        sheet.append(row)
    sheet["XFD1048576"] = "x"
    book.save(tmp_path / "2023.xlsx")
    with pytest.raises(Unreadable, match="跨度过大"):
        read(tmp_path / "2023.xlsx")


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"没有工作表“乙”.*2023"):
        read(good(tmp_path / "a.xlsx"), only=frozenset(["乙"]))
