"""Bytes to text, whatever the page was saved in: UTF-8, GBK/GB18030, Big5, UTF-16, or a mix of them line by line."""

from __future__ import annotations

import codecs

import regex

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = regex.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]+)", regex.I)
COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
)


def decoded(data: bytes) -> str:
    """The text of some bytes, and never an error: what no encoding explains is shown as U+FFFD.

    >>> decoded("增长8.5%".encode("gbk")), decoded("增長".encode("big5")), decoded("\\ufeff增长".encode())
    ('增长8.5%', '增長', '增长')
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if _looks_utf16(data):
        return data.decode("utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if declared := DECLARED.search(data[:4096]):
        name = declared[1].decode("ascii").lower()
        try:
            return data.decode("gb18030" if name in ("gbk", "gb2312", "gb_2312-80") else name)
        except (LookupError, UnicodeDecodeError):
            pass
    whole = _best(data)
    if whole is not None:
        return whole
    return "\n".join(_line(line) for line in data.split(b"\n"))


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return _best(line) or line.decode("gb18030" if _mostly_pairs(line) else "utf-8", "replace")


def _best(data: bytes) -> str | None:
    """GB18030 or Big5, whichever reads as the more common Chinese; None where neither reads."""
    best: tuple[float, str] | None = None
    for name in ("gb18030", "big5"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        han = [char for char in text if char > "\u2e80"]
        score = sum(1 for char in han if char in COMMON or char in COMMON_OLD) / (len(han) or 1)
        if best is None or score > best[0] + 0.02:
            best = score, text
    if best is None or (best[0] < 0.05 and len(data) > 40):
        return None
    return best[1]


COMMON_OLD = frozenset(
    "個這來時們為國說會過發經動產應開實現與關問題億萬億產業總區單務較構際進電學員報據數線條術聯變長強點處縣廠專張認議額達園創綜濟優創築標準億餘"
)


def _looks_utf16(data: bytes) -> bool:
    """Zero bytes in every other place: UTF-16 without its mark, as far as ASCII in it shows."""
    sample = data[:2000]
    return (
        len(sample) >= 8
        and not sample.startswith(b"%PDF")
        and max(sample[1::2].count(0), sample[::2].count(0)) > len(sample) / 8
        and sample.count(0) < len(sample) * 0.6
    )


def _mostly_pairs(line: bytes) -> bool:
    return sum(byte >= 0x81 for byte in line) > len(line) / 3
