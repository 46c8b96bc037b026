"""A folder of rules as of a day: of each rule the edition in force.

What reads rules is imported only where a rule is read: those that were kept on disk mostly are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wotu.rulebook.documents import refuse
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook


@dataclass(frozen=True)
class Said:
    """What a rule says of itself."""

    name: str
    edition: str
    sha256: str
    inputs: tuple[tuple[str, str, str | None], ...]
    """Of each input its name, base type and unit."""


@dataclass(frozen=True)
class Chosen:
    """A rule to be screened; one that was kept on disk reads its rulebook when somebody asks for it."""

    file: Path
    book: Rulebook
    levels: tuple[str, ...]
    """Its clauses: the boolean decisions that 符合 requires directly or through other boolean decisions."""
    amount: str | None
    """The decision that is an amount in 元."""

    @cached_property
    def said(self) -> Said:
        """What is needed of the rulebook for every rule."""
        inputs = tuple((entry.name, entry.base, entry.unit) for entry in self.book.inputs)
        return Said(self.book.name, self.book.edition, self.book.sha256, inputs)

    def __getstate__(self) -> dict[str, Any]:
        return {"file": self.file, "levels": self.levels, "amount": self.amount, "said": self.said}

    def __getattr__(self, name: str) -> Any:
        if name != "book":
            raise AttributeError(name)
        from wotu.rulebook.rulebook import Rulebook

        book = Rulebook.load(self.file)
        if book.sha256 != self.said.sha256:
            raise refuse(self.file.name, "规则在筛查中变了", "请等它写完，再运行一次")
        object.__setattr__(self, "book", book)
        return book


@dataclass(frozen=True, slots=True)
class Library:
    """The rules of a folder that can be screened on a day, and those left out, with the reason."""

    rules: tuple[Chosen, ...]
    skipped: tuple[Finding, ...]


def library(folder: Path, as_of: date) -> Library:
    """The rules of a folder (or one file) in force on a day; RulebookError where a file is no rule or none is left."""
    from wotu.rulebook.rulebook import Rulebook

    files = _files(folder)
    skipped: list[Finding] = []
    dated: dict[str, tuple[date, Path, Rulebook]] = {}
    plain: list[tuple[Path, Rulebook]] = []
    for file in files:
        book = Rulebook.load(file)
        start, end, editioned = _force(file, book)
        if not (start or date.min) <= as_of <= (end or date.max):
            skipped.append(Finding(file.name, f"{as_of} 不在有效期内（{start or '…'} 至 {end or '…'}）", "", "info"))
        elif not editioned:
            plain.append((file, book))
        else:
            before = dated.get(book.name)
            if before is not None:
                older = min((before, (start or date.min, file, book)), key=lambda each: each[0])
                skipped.append(Finding(older[1].name, "同一规则有更晚生效的版本", "", "info"))
            if before is None or (start or date.min) >= before[0]:
                dated[book.name] = (start or date.min, file, book)
    kept = sorted([*plain, *((file, book) for _, file, book in dated.values())], key=lambda pair: pair[0].name)
    chosen: list[Chosen] = []
    for file, book in kept:
        if book.eligible_name is None:
            skipped.append(Finding(file.name, "没有“符合”决策，不能筛查", "", "info"))
        else:
            chosen.append(_chosen(file, book))
    if not chosen:
        reasons = "；".join(str(finding) for finding in skipped)
        raise refuse(str(folder), f"{as_of} 没有可以筛查的规则", reasons or "请检查文件夹")
    return Library(tuple(chosen), tuple(skipped))


def _chosen(file: Path, book: Rulebook) -> Chosen:
    from wotu.rulebook.explain.build import view_of

    levels = tuple(view_of(book).levels())
    if not levels:
        raise refuse(
            f"规则“{book.name}”（{file.name}）",
            "“符合”没有依据任何条款",
            "请把每个条件写成一个是否决策，再由“符合”要求它们",
        )
    kinds = {info.name: info for info in book.decisions}
    amount = next((info.name for info in book.decisions if info.kind == "amount"), None)
    if amount is None and "金额" in kinds and kinds["金额"].base in ("number", "Any"):
        amount = "金额"
    return Chosen(file, book, levels, amount)


def _files(folder: Path) -> Sequence[Path]:
    if folder.is_file():
        return [folder]
    if not folder.exists():
        raise refuse(str(folder), "没有这个文件夹", "请检查路径")
    found = sorted(folder.glob("*.dmn"))
    if not found:
        raise refuse(str(folder), "文件夹里没有 .dmn 文件")
    return found


def _force(file: Path, book: Rulebook) -> tuple[date | None, date | None, bool]:
    """From and to when it is in force, and whether it says which edition of a rule it is."""
    from wotu.rulebook.infos import WOTU

    said = next((e.attributes for e in book.model.extensions if e.tag == f"{WOTU}rule"), {})
    days: list[date | None] = []
    for name in ("effectiveFrom", "effectiveTo"):
        text = said.get(name, "")
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            raise RulebookError(
                Finding(file.name, f"<wotu:rule> 的日期“{text}”不是日期", "请写成 2026-04-01 的样子")
            ) from None
    return days[0], days[1], bool(said.get("edition") or days[0] or days[1])
