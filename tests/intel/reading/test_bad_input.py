"""What cannot be read says so in one sentence; what can be read is read, whatever it came in."""

from __future__ import annotations

import io
import json
from datetime import date

import docx
import pytest
from django.core.management import CommandError, call_command

from wotu.intel.reading import Unreadable, read_bytes, read_text
from wotu.intel.reading.decode import decoded
from wotu.intel.reading.pages import LARGEST

ON = date(2021, 11, 5)
SAYS = "今年前9个月，全区新增市场主体22473家、增长206.7%，一般公共预算收入完成98.6亿元。"


def pdf(*lines: str, padding: int = 0) -> bytes:
    """A small PDF with Latin text lines (no font to embed), or without any text."""
    words = " ".join(f"BT /F1 12 Tf 40 {700 - 20 * at} Td ({line}) Tj ET" for at, line in enumerate(lines))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words.encode()),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (padding, b"\0" * padding),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 7\n0000000000 65535 f \n%strailer << /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def word(text: str) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


LINKS = (
    "<html><body><ul>"
    + "".join(f"<li><a href='/{i}'>第{i}条新闻的标题写在这里</a></li>" for i in range(30))
    + "</ul></body></html>"
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (b"  \n\t ", "空的"),
        (b"<html><head><title></title></head><body></body></html>", "没有文字"),
        (b"<html><body><script>document.write('x')</script></body></html>", "没有文字"),
        (LINKS.encode(), "只有链接"),
        (pdf(), "扫描件"),
        (b"%PDF-1.4 broken", "坏了"),
        (b"PK\x03\x04broken", "坏了"),
        (b"\x89PNG\r\n\x1a\n123", "图片"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版"),
        (bytes(range(256)) * 40, "不是文本"),
    ],
    ids=[
        "nothing",
        "blanks",
        "empty page",
        "script only",
        "links only",
        "scanned PDF",
        "broken PDF",
        "broken docx",
        "picture",
        "old Word",
        "binary",
    ],
)
def test_what_cannot_be_read_says_so_in_one_sentence(data, says):
    with pytest.raises(Unreadable) as told:
        read_bytes(data)
    assert says in str(told.value)
    assert "\n" not in str(told.value)
    assert str(told.value).endswith("。")


def test_a_pdf_of_fifty_megabytes_is_read_and_a_larger_one_refused():
    reading, paged = read_bytes(pdf("GDP 40% in 2020", padding=50 * 2**20))
    assert paged
    assert "GDP" in reading.text
    with pytest.raises(Unreadable, match="超过"):
        read_bytes(b"%PDF" + b"\0" * LARGEST)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le"])
def test_encodings_read_alike(name):
    reading, _ = read_bytes(SAYS.encode(name), published=ON)
    assert reading.text == SAYS
    assert [str(claim.value) for claim in reading.claims] == ["22473", "9860000000.0"]


def test_big5_is_told_from_gbk():
    text = "全區實現生產總值五百億元，比上年增長百分之八，開發區企業總數達到三千家。"
    assert decoded(text.encode("big5")) == text


def test_a_page_in_two_encodings_is_read_line_by_line():
    mixed = "园区新增企业300家。".encode() + b"\n" + "全区完成投资12亿元，同比增长8%。".encode("gbk")
    reading, _ = read_bytes(mixed, published=ON)
    assert [(claim.indicator, str(claim.value)) for claim in reading.claims] == [
        ("企业", "300"),
        ("投资", "1200000000"),
    ]


def test_html_is_read_without_its_scripts_and_menus():
    page = f"""<html><head><title>高新区前三季度稳中有进</title><style>p {{width: 300px}}</style><script>var n = "999家企业";</script></head>
    <body><nav><a href=/>首页</a> <a href=/a>要闻</a> <a href=/b>公告</a></nav>
    <article><h1>高新区前三季度稳中有进</h1><p>发布时间：2021-11-05 来源：商报</p>
    <p>{SAYS}</p><p onclick="alert(1)">区内拥有外资企业2000家，其中日资企业645家，外资地区总部及功能机构35家，开放型经济走在全省前列。</p></article>
    <script>document.write("企业888家")</script><footer>版权所有 电话0512-68251888</footer></body></html>"""
    reading, paged = read_bytes(page.encode("gbk"))
    assert paged
    assert "999" not in reading.text
    assert "888家" not in reading.text
    assert "alert" not in reading.text
    assert [str(claim.value) for claim in reading.claims] == ["22473", "9860000000.0", "2000", "645", "35"]
    assert reading.published == ON


def test_docx_is_read():
    reading, paged = read_bytes(word(SAYS), published=ON)
    assert paged
    assert len(reading.claims) == 2


def test_a_pasted_table_is_named_and_not_guessed_at():
    reading = read_text("指标\t单位\t2021年\t2020年\n企业数\t家\t838\t700\n总产值\t亿元\t204\t180\n", ON)
    assert reading.claims == ()
    assert any("表格" in note.what and "导入" in note.what for note in reading.notes)


def test_broken_grouping_is_named_and_not_guessed_at():
    reading = read_text("园区现有企业1,23,4家，员工5万人。", ON)
    assert [claim.indicator for claim in reading.claims] == ["员工"]
    assert any("1,23,4" in note.what for note in reading.notes)


@pytest.mark.parametrize("day", ["2021年2月30日", "2021年13月", "9月31日"])
def test_a_day_that_does_not_exist_is_named(day):
    reading = read_text(f"{day}，园区新增企业30家。", ON)
    assert [str(claim.value) for claim in reading.claims] == ["30"]
    assert any(day[-3:] in reading.text[note.span[0] : note.span[1]] for note in reading.notes if note.span)


def test_ten_articles_in_one_text_stay_in_order():
    reading = read_text("\n".join([SAYS] * 10), ON)
    assert [claim.span for claim in reading.claims] == sorted(claim.span for claim in reading.claims)
    assert len(reading.claims) == 20


def run(capsys, *arguments: str) -> str:
    call_command("read", *arguments)
    return capsys.readouterr().out


def test_the_command_gives_json_without_a_database(tmp_path, capsys):
    file = tmp_path / "news.txt"
    file.write_text(SAYS, encoding="gbk")
    shown = json.loads(run(capsys, str(file), "--published", "2021-11-05", "--json"))
    first = shown["claims"][0]
    assert (first["value"], first["unit"], first["period"], first["status"]) == (
        "22473",
        "家",
        "2021-01..2021-09",
        "fact",
    )
    assert first["growth"] == {
        "value": "206.7",
        "unit": "%",
        "base": "",
        "at": [SAYS.index("增长"), SAYS.index("，一般")],
    }
    assert SAYS[slice(*first["span"])] == first["quote"]


def test_the_command_says_what_is_wrong(tmp_path):
    with pytest.raises(CommandError, match="打不开"):
        call_command("read", str(tmp_path / "none.txt"))
    empty = tmp_path / "empty.txt"
    empty.touch()
    with pytest.raises(CommandError, match="空的"):
        call_command("read", str(empty))
    with pytest.raises(CommandError, match="不是日期"):
        call_command("read", str(empty), "--published", "昨天")
