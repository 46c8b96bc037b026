"""A tree of elements as XML text, laid out the same way every time so that two versions differ only where they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..findings import Finding, RulebookError
from .kept import DC, DI, DMNDI, MODEL, split
from .model import Extension

_WELL_KNOWN = {
    DMNDI: "dmndi",
    DC: "dc",
    DI: "di",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "https://wotu.dev/dmn/1": "wotu",
}
_XML = "http://www.w3.org/XML/1998/namespace"
_ONE_LINE = frozenset(
    (
        *(f"{{{MODEL}}}{name}" for name in ("inputEntry", "outputEntry", "annotationEntry")),
        *(f"{{{DMNDI}}}{name}" for name in ("DMNShape", "DMNEdge")),
    )
)
"""Elements whose simple children stand beside them: a table's cell, a place in a diagram."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def document(root: Extension, prefixes: Mapping[str, str], where: str) -> bytes:
    """The document; RulebookError where a text holds a character that XML cannot."""
    return _Writer(root, prefixes, where).document().encode("utf-8")


class _Writer:
    def __init__(self, root: Extension, prefixes: Mapping[str, str], where: str) -> None:
        self.root = root
        self.where = where
        self.prefix: dict[str, str] = {_XML: "xml"}
        used = _namespaces(root)
        bare = "" in used
        # An element without namespace cannot live under a default one.
        self.prefix[MODEL] = "dmn" if bare else ""
        taken = {"xml", "xmlns"} | ({"dmn"} if bare else set())
        declared: list[tuple[str, str]] = [(address, prefix) for prefix, address in prefixes.items()]
        for address in used:
            if address in _WELL_KNOWN:
                declared.append((address, _WELL_KNOWN[address]))
        count = 0
        for address in (*dict(declared), *used):
            if not address or address in self.prefix:
                continue
            wanted = _WELL_KNOWN.get(address) if address in used else None
            wanted = wanted or next((prefix for other, prefix in declared if other == address), "")
            while not wanted or wanted in taken:
                count += 1
                wanted = f"ns{count}"
            taken.add(wanted)
            self.prefix[address] = wanted

    def document(self) -> str:
        parts = ['<?xml version="1.0" encoding="UTF-8"?>']
        name = self.name(self.root.tag)
        pad = "\n" + " " * (len(name) + 2)
        rank = {prefix: place for place, prefix in enumerate(("", "dmn", *_WELL_KNOWN.values()))}
        spaces = sorted(
            ((prefix, address) for address, prefix in self.prefix.items() if prefix != "xml"),
            key=lambda pair: (pair[0] not in rank, rank.get(pair[0], 0), pair[0]),
        )
        lines = [f'xmlns{":" * bool(prefix)}{prefix}="{self.value(address)}"' for prefix, address in spaces]
        own = dict(self.root.attributes)
        first = " ".join(self.attribute(key, own.pop(key)) for key in ("id", "name", "namespace") if key in own)
        lines += [first, *(self.attribute(key, value) for key, value in own.items())]
        parts.append(f"<{name} {pad.join(line for line in lines if line)}>")
        apart = False
        for child in self.root.children:
            small = split(child.tag)[1] in ("description", "extensionElements")
            if apart or not small:
                parts.append("")
            apart = True if not small else apart
            self.element(child, 1, parts)
        return "\n".join((*parts, f"</{name}>", ""))

    def element(self, element: Extension, depth: int, parts: list[str]) -> None:
        """The element's lines."""
        pad = "  " * depth
        inline = self.inline(element)
        if inline is not None:
            parts.append(pad + inline)
            return
        parts.append(f"{pad}<{self.opening(element)}>")
        for child in element.children:
            self.element(child, depth + 1, parts)
        parts.append(f"{pad}</{self.name(element.tag)}>")

    def inline(self, element: Extension) -> str | None:
        """The element on one line, where it has no children or its text is mixed with them; else None."""
        if not element.children:
            if not element.text:
                return f"<{self.opening(element)}/>"
            return f"<{self.opening(element)}>{self.text(element.text)}</{self.name(element.tag)}>"
        if element.text or any(child.tail for child in element.children):
            return self.mixed(element)
        if element.tag in _ONE_LINE and not any(child.children for child in element.children):
            inner = "".join(self.inline(child) or "" for child in element.children)
            if "\n" not in inner or len(element.children) == 1:
                return f"<{self.opening(element)}>{inner}</{self.name(element.tag)}>"
        return None

    def mixed(self, element: Extension) -> str:
        if not element.children:
            return self.inline(element) or ""
        inner = "".join(self.mixed(child) + self.text(child.tail) for child in element.children)
        return f"<{self.opening(element)}>{self.text(element.text)}{inner}</{self.name(element.tag)}>"

    def opening(self, element: Extension) -> str:
        given = (self.attribute(key, value) for key, value in element.attributes.items())
        return " ".join((self.name(element.tag), *given))

    def attribute(self, key: str, value: str) -> str:
        return f'{self.name(key, attribute=True)}="{self.value(value)}"'

    def name(self, tag: str, attribute: bool = False) -> str:
        namespace, name = split(tag)
        if not namespace:
            return name
        prefix = self.prefix[namespace]
        if not prefix and attribute:
            return name
        return f"{prefix}:{name}" if prefix else name

    def legal(self, text: str) -> str:
        found = _ILLEGAL.search(text)
        if found:
            raise RulebookError(
                Finding(
                    self.where,
                    f"文字“{text[:20]}”里有 XML 不能写的字符（U+{ord(found.group()):04X}）",
                    "请删去这个字符",
                )
            )
        return text

    def text(self, text: str) -> str:
        safe = self.legal(text).replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
        return safe.replace("\r", "&#13;")

    def value(self, text: str) -> str:
        safe = self.legal(text).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        return safe.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")


def _namespaces(root: Extension) -> dict[str, None]:
    """The namespaces in use, in the order they come up; "" where an element has none."""
    found: dict[str, None] = {}
    todo = [root]
    while todo:
        element = todo.pop()
        found[split(element.tag)[0]] = None
        for key in element.attributes:
            if key.startswith("{"):
                found[split(key)[0]] = None
        todo += reversed(element.children)
    return found
