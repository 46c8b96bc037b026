"""Files to text: plain text as it is, HTML by trafilatura, PDF by PDFium, docx by python-docx; scripts are never kept."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import date

import lxml.etree
import lxml.html
import regex

from wotu.intel.reading.decode import decoded

UNSHOWN = ("script", "style", "noscript", "template", "iframe", "object", "embed", "svg")
LARGEST = 64 * 2**20
MOST_PAGES = 300
MOST_CHARACTERS = 400_000
HTML = regex.compile(
    r"<\s*(?:!doctype\s+html|html|head|body|div|p|span|table|script|article|section|br|h[1-6])\b", regex.I
)
OTHER_FORMATS = (
    (b"\xd0\xcf\x11\xe0", "这是旧版 Office 文件（.doc、.xls）；请另存为 .docx 再读。"),
    (b"\x89PNG", "这是图片，没有文字可读；请粘贴文字，或先做文字识别。"),
    (b"\xff\xd8\xff", "这是图片，没有文字可读；请粘贴文字，或先做文字识别。"),
    (b"GIF8", "这是图片，没有文字可读；请粘贴文字，或先做文字识别。"),
    (b"{\\rtf", "这是 RTF 文件；请另存为 .docx 或文本再读。"),
)


class Unreadable(ValueError):
    """A file nothing can be read from; the message says what it is and what to do, in one sentence."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file; `paged` when it was taken out of HTML, PDF or docx, so that spans index it and not the file."""

    text: str
    paged: bool = False
    title: str = ""
    published: date | None = None
    notes: tuple[str, ...] = ()


def text_of(data: bytes, name: str = "") -> Text:
    """The text of a file's bytes. Raises `Unreadable`."""
    if len(data) > LARGEST:
        raise Unreadable(f"文件有 {len(data) / 2**20:.0f} MB，超过 {LARGEST // 2**20} MB；请只取要读的那几页。")
    if not data.strip():
        raise Unreadable("这一页是空的，没有文字可读。")
    for mark, sentence in OTHER_FORMATS:
        if data.startswith(mark):
            raise Unreadable(sentence)
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _docx(data)
    text = decoded(data)
    if sum(1 for char in text[:20_000] if char < " " and char not in "\t\n\r\f") > len(text[:20_000]) / 100:
        raise Unreadable("这不是文本文件；能读的是文本、HTML、PDF 和 docx。")
    if len(HTML.findall(text[:20_000])) >= 2 or name.lower().endswith((".html", ".htm", ".shtml")):
        return _html(text)
    if not text.strip():
        raise Unreadable("这一页是空的，没有文字可读。")
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(f"文字有 {len(text)} 个字，超过 {MOST_CHARACTERS} 个；请分成几篇来读。")
    return Text(text)


def _html(source: str) -> Text:
    """The article of a page; where none stands out, all its visible text. A page of links only says so."""
    import trafilatura  # half a second to load: only for pages that need it

    try:
        tree = lxml.html.document_fromstring(regex.sub(r"^\s*<\?xml[^>]*\?>", "", source))
    except (lxml.etree.ParserError, ValueError):
        raise Unreadable("这一页是空的，没有文字可读。") from None
    for element in list(tree.iter(*UNSHOWN, lxml.etree.Comment)):
        _drop(element)
    visible = _visible(tree)
    linked = sum(len("".join(map(str, link.itertext())).strip()) for link in tree.iter("a"))
    if not visible.strip():
        raise Unreadable("这一页没有文字可读（只有脚本或图片）；请在浏览器里打开后复制正文粘贴。")
    if linked > 0.8 * len(regex.sub(r"\s", "", visible)) and not regex.search(r"[^。]{30,}。", visible):
        raise Unreadable("这一页只有链接，没有正文；请打开其中一篇再读。")
    document = trafilatura.bare_extraction(
        lxml.html.tostring(tree, encoding="unicode"),
        include_comments=False,
        include_tables=True,
        favor_recall=True,
        with_metadata=True,
    )
    text, title, published = "", "", None
    if isinstance(document, trafilatura.settings.Document):
        text, title = document.text or "", (document.title or "").strip()
        published = _iso(document.date)
    if len(text) < 0.25 * len(visible) and len(text) < 200:
        text = visible
    if title and title not in text[:200]:
        text = f"{title}\n{text}"
    return Text(text, True, title, published)


def _drop(element: lxml.etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        tail, before = element.tail or "", element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        parent.remove(element)


def _visible(tree: lxml.html.HtmlElement) -> str:
    for element in tree.iter("br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "section", "article", "td"):
        element.tail = "\n" + (element.tail or "")
    return str(regex.sub(r"[ \t]*\n\s*", "\n", str(tree.text_content()))).strip()


def _pdf(data: bytes) -> Text:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Unreadable(
            "这份 PDF 加了密码，打不开；请先去掉密码。" if locked else "这份 PDF 坏了，打不开；请重新下载。"
        ) from error
    notes: list[str] = []
    try:
        count = len(document)
        if count > MOST_PAGES:
            notes.append(f"这份 PDF 有 {count} 页，只读了前 {MOST_PAGES} 页。")
        pages = []
        for number in range(min(count, MOST_PAGES)):
            page = document[number]
            words = page.get_textpage()
            pages.append(words.get_text_bounded())
            words.close()
            page.close()
    finally:
        document.close()
    text = unwrapped("\n".join(pages))
    if len(regex.sub(r"\s", "", text)) < 5 * max(1, len(pages)) and len(text) < 200:
        raise Unreadable("这份 PDF 是扫描件，里面没有文字；请先做文字识别，或粘贴文字。")
    if len(text) > MOST_CHARACTERS:
        notes.append(f"只读了前 {MOST_CHARACTERS} 个字。")
        text = text[:MOST_CHARACTERS]
    return Text(text, True, notes=tuple(notes))


def _docx(data: bytes) -> Text:
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "word/document.xml" not in names:
                raise Unreadable("这不是 Word 文件（.docx）；表格请用“导入”，其他请粘贴文字。")
            if sum(info.file_size for info in archive.infolist()) > 8 * LARGEST:
                raise Unreadable("这份 Word 文件展开后过大；请只取要读的那几页。")
        document = docx.Document(io.BytesIO(data))
    except (zipfile.BadZipFile, KeyError, ValueError, lxml.etree.XMLSyntaxError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("这份 Word 文件坏了，打不开；请重新另存一份。") from error
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    if not text.strip():
        raise Unreadable("这份 Word 文件里没有文字。")
    return Text(text, True)


def unwrapped(text: str) -> str:
    """Lines that a page's width broke, joined again; paragraphs stay.

    >>> unwrapped("全区实现地区生产总值五百亿元，比上年同期增长百分之\\n八，增速居全市第一。\\n二、工业")
    '全区实现地区生产总值五百亿元，比上年同期增长百分之八，增速居全市第一。\\n二、工业'
    """
    lines = [line.strip() for line in regex.sub(r"\r\n?|\ufffe", "\n", text).split("\n")]
    width = max((len(line) for line in lines), default=0)
    joined: list[str] = []
    for line in lines:
        before = joined[-1] if joined else ""
        if (
            line
            and before
            and len(before) >= 0.6 * min(width, 60)
            and regex.search(r"[\u4e00-\u9fff，、0-9%“(（]$", before)
            and regex.match(r"[\u4e00-\u9fff，、。；0-9%”)）.]", line)
            and not regex.match(r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]+[)）]", line)
        ):
            joined[-1] = before + line
        else:
            joined.append(line)
    return "\n".join(joined)


def _iso(day: str | None) -> date | None:
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        return None
