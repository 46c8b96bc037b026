"""Message catalogues without gettext's tools: a .po file's entries, and the .mo bytes that Python's gettext reads."""

from __future__ import annotations

import ast
import struct
from collections.abc import Mapping
from pathlib import Path

MAGIC = 0x950412DE


class BadCatalog(ValueError):
    """A .po file that can't be read; the message names file and line."""


def entries(file: Path) -> dict[str, str]:
    """What a .po file says, keyed as a .mo file keys it (context and plural joined to the message)."""
    found: dict[str, str] = {}
    parts: dict[str, str] = {}
    field = ""

    def close() -> None:
        if "msgid" in parts and parts.get("msgstr"):
            key = parts["msgid"] + (f"\x00{parts['msgid_plural']}" if "msgid_plural" in parts else "")
            found[f"{parts['msgctxt']}\x04{key}" if "msgctxt" in parts else key] = parts["msgstr"]
        parts.clear()

    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if not text.startswith('"'):
            field, _, text = text.partition(" ")
            field = field.removesuffix("[0]")
            if field in parts or (field == "msgctxt" and "msgstr" in parts):
                close()
            if field not in ("msgctxt", "msgid", "msgid_plural", "msgstr"):
                raise BadCatalog(f"{file.name} 第{number}行：不认识“{field}”")
        try:
            parts[field] = parts.get(field, "") + ast.literal_eval(text)
        except (SyntaxError, ValueError):
            raise BadCatalog(f"{file.name} 第{number}行：引号没有配对") from None
    close()
    return found


def compiled(messages: Mapping[str, str]) -> bytes:
    """The .mo file of the messages, sorted as its readers expect."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    table = 7 * 4
    texts = table + 16 * len(pairs)
    blob, ids, values = b"", list[int](), list[int]()
    for place, index in ((0, ids), (1, values)):
        for pair in pairs:
            index += [len(pair[place]), texts + len(blob)]
            blob += pair[place] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), table, table + 8 * len(pairs), 0, table)
    return head + struct.pack(f"<{len(ids) + len(values)}I", *ids, *values) + blob
