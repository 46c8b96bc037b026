"""Which column is which attribute: guessed from names and synonyms, remembered per source, or given by an officer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from wotu.registry.attributes import Allowed, Declared, catalogue
from wotu.registry.intake import headings, units
from wotu.registry.intake.headings import Span, fold
from wotu.registry.periods import BadPeriod, Period

AUTO = 0.7
"""A guess at least this sure is taken without asking."""
SURE = 0.9
How = Literal["名称", "别名", "相近", "内容", "上次", "指定", ""]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes: an attribute, or a field of the record or row (`field` true)."""

    code: str
    name: str
    type: str = "string"
    unit: str = ""
    period: str = ""
    allowed: Allowed = field(default_factory=Allowed)
    since: str = ""
    quarter: Target | None = None
    """Where a value of a quarter goes, if another attribute keeps those."""
    is_field: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column probably is; `target` None with confidence 1 is a column known to be of no use."""

    target: Target | None
    confidence: float
    how: How = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was remembered or given for a header: a target's code (empty: leave it out), a unit, a period."""

    target: str
    unit: str = ""
    period: str = ""
    how: How = "上次"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One column of one sheet with its target, unit and period; `problem` says why it can't be read."""

    sheet: str
    index: int
    header: str
    target: Target | None
    confidence: float
    how: How = ""
    unit: str = ""
    factor: Fraction | None = None
    period: Period | None = None
    span: Span | None = None
    problem: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON: what the mapping page shows and an import keeps."""
        target = self.target
        return {
            "sheet": self.sheet,
            "index": self.index,
            "header": self.header,
            "target": target.code if target else "",
            "name": target.name if target else "",
            "field": bool(target and target.is_field),
            "type": target.type if target else "",
            "unit": self.unit,
            "period": self.period.text if self.period else "",
            "confidence": round(self.confidence, 2),
            "how": self.how,
            "problem": self.problem,
        }


class BadMapping(ValueError):
    """A mapping that names no known target; the message says which."""


@dataclass(slots=True)
class Vocabulary:
    """Every name a header may use, and the targets behind the names."""

    targets: dict[str, Target] = field(default_factory=dict)
    names: dict[str, tuple[str, float, How]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    short: dict[str, list[Declared]] = field(default_factory=dict)
    """Names that mean an attribute only in a sheet that speaks of it."""

    @classmethod
    def of(cls, attributes: Iterable[Declared] | None = None) -> Vocabulary:
        """The vocabulary of the declared attributes and fields, or of those given (the database's own)."""
        said = catalogue()
        made = cls(skipped=frozenset(fold(word) for word in said.skipped))
        for one in said.fields:
            made.add(Target(one.code, one.name, _FIELD_TYPES.get(one.code, "string"), is_field=True), one.synonyms)
        known = tuple(said.attributes if attributes is None else attributes)
        quarterly = {one.quarter_of: one for one in known if one.quarter_of}
        for attribute in known:
            quarter = quarterly.get(attribute.code)
            made.add(
                _target(attribute, _target(quarter) if quarter else None),
                attribute.synonyms,
            )
            for name in attribute.short:
                made.short.setdefault(fold(name), []).append(attribute)
        return made

    def add(self, target: Target, synonyms: Iterable[str]) -> None:
        """Make a target known under its name, its code and its synonyms."""
        self.targets[target.code] = target
        self.names[fold(target.name)] = (target.code, 1.0, "名称")
        self.names.setdefault(fold(target.code), (target.code, 0.97, "别名"))
        for synonym in synonyms:
            self.names.setdefault(fold(synonym), (target.code, 0.97, "别名"))

    def target(self, said: str) -> Target | None:
        """The target that a person names by code or name; raises `BadMapping` for one that does not exist."""
        if not said or said in ("不导入", "忽略", "skip"):
            return None
        if said in self.targets:
            return self.targets[said]
        if found := self.names.get(fold(said)):
            return self.targets[found[0]]
        near = difflib.get_close_matches(said, [t.name for t in self.targets.values()], n=1, cutoff=0.5)
        hint = f"，是不是“{near[0]}”" if near else "，请用指标的中文名或编码"
        raise BadMapping(f"列对应里的“{said}”不是已有的指标或字段{hint}。")

    def exact(self, text: str) -> Guess | None:
        """A guess for a text that is a known name as it stands."""
        if found := self.names.get(fold(text)):
            code, confidence, how = found
            return Guess(self.targets[code], confidence, how)
        if fold(text) in self.skipped:
            return Guess(None, 1.0, "名称")
        return None

    def spoken_of(self, name: str, context: str) -> Guess | None:
        """What a short name (发证日期) means in a sheet whose title, file and headers are the context."""
        fitting = [
            one
            for one in self.short.get(fold(name), [])
            if any(word in context for word in one.when) and not any(word in context for word in one.unless)
        ]
        if len(fitting) == 1:
            return Guess(self.targets[fitting[0].code], 0.95, "别名")
        if one := next(iter(fitting or self.short.get(fold(name), [])), None):
            return Guess(self.targets[one.code], 0.5, "相近")
        return None

    def guess(self, path: tuple[str, ...], context: str = "") -> Guess:
        """What a column with this path of headers is; confidence 0 where nothing fits."""
        whole = "".join(path)
        if found := self.exact(whole):
            return found
        names, said = headings.combine(path)
        for name in names:
            if found := self.spoken_of(name, context):
                return found
        if either := self._either(path[-1] if path else ""):
            return either
        remark = self._remarks(said.remarks)
        best = Guess(None, 0.0)
        for name in names:
            for remarked in said.remarks:
                if found := self.exact(f"{name}{remarked}") or self.exact(f"{remarked}{name}"):
                    return found
            if found := self.exact(name):
                if found.target is None:
                    return found if not said.remarks else best
                return replace(
                    found,
                    confidence=min(
                        found.confidence, remark if not found.target.is_field else 0.9 if remark < 1 else 1.0
                    ),
                )
        if headings.DERIVED.search(whole) or "近三年" in whole or "近两年" in whole:
            return self._near(names, best)
        for name in names:
            bare = self._bare(name)
            if bare is not None:
                return replace(bare, confidence=min(0.85, remark), how="相近")
        return self._near(names, best)

    def _either(self, text: str) -> Guess | None:
        """What a header that gives two names for one thing means: 社会信用代码/组织机构代码."""
        parts = [found for part in re.split(r"[/／、或]", text) if part and (found := self.exact(part))]
        if len({p.target for p in parts}) != 1 or parts[0].target is None:
            return None
        if len(parts) > 1:
            return Guess(parts[0].target, 0.95, "别名")
        return Guess(parts[0].target, 0.85, "相近") if parts[0].target.code == "code" and fold(text) else None

    def _bare(self, name: str) -> Guess | None:
        """A known name once the words that may stand around it are taken off."""
        plain = fold(name)
        queue, seen = [plain], {plain}
        while queue:
            text = queue.pop(0)
            for word in headings.AROUND:
                for rest in (text.removeprefix(word), text.removesuffix(word)):
                    if rest in seen or len(rest) < 2:
                        continue
                    seen.add(rest)
                    if (found := self.exact(rest)) and found.target is not None and len(rest) > 2:
                        return found
                    queue.append(rest)
        return None

    def _near(self, names: tuple[str, ...], best: Guess) -> Guess:
        """The most similar known name, as a suggestion that an officer has to confirm."""
        for name in names[:1]:
            plain = fold(name)
            if len(plain) < 2:
                continue
            contained = [
                n for n in self.names if len(n) > 2 and n in plain and not self.targets[self.names[n][0]].is_field
            ]
            if contained:
                longest = max(contained, key=len)
                score = 0.4 + 0.25 * len(longest) / len(plain)
                best = max(best, Guess(self.targets[self.names[longest][0]], score, "相近"), key=lambda g: g.confidence)
            close = difflib.get_close_matches(plain, self.names, n=1, cutoff=0.6)
            if close:
                score = 0.65 * difflib.SequenceMatcher(None, plain, close[0]).ratio()
                best = max(
                    best, Guess(self.targets[self.names[close[0]][0]], score, "相近"), key=lambda g: g.confidence
                )
        return best

    @staticmethod
    def _remarks(remarks: tuple[str, ...]) -> float:
        """How sure a name stays given the remarks in brackets behind it."""
        if not remarks:
            return 1.0
        if any(word in remark for remark in remarks for word in headings.DOUBTFUL) or any(
            headings.DERIVED.search(remark) for remark in remarks
        ):
            return 0.5
        return 0.75


_FIELD_TYPES = {"established_on": "date", "closed_on": "date"}


def _target(one: Declared, quarter: Target | None = None) -> Target:
    return Target(one.code, one.name, one.type, one.unit, one.period, Allowed.parse(one.allowed), one.since, quarter)


def place(
    vocabulary: Vocabulary,
    sheet: str,
    index: int,
    path: tuple[str, ...],
    *,
    notes: tuple[str, ...],
    wish: Wish | None,
    context: str = "",
    content: Target | None = None,
) -> Mapped:
    """Decide one column: what was wished goes before the guess, the guess before what the cells look like."""
    header = "/".join(path)
    _, said = headings.combine(path)
    unit, period = said.unit, said.period
    if wish is not None:
        guess = Guess(vocabulary.target(wish.target), 1.0, wish.how)
        unit = unit or wish.unit if wish.how == "上次" else wish.unit or unit
        if wish.period:
            try:
                period = Period.parse(wish.period)
            except BadPeriod as error:
                raise BadMapping(f"列“{header}”的期间写错了：{error}") from None
    else:
        guess = vocabulary.guess(path, context)
        settled = guess.target is not None and guess.target.is_field and guess.confidence >= AUTO
        if content is not None and not settled and guess.confidence < SURE:
            guess = Guess(content, 0.95, "内容")
    made = Mapped(sheet, index, header, guess.target, guess.confidence, guess.how, unit, None, period, said.span)
    target = guess.target
    if target is None or target.type != "number":
        return made
    if unit:
        by = units.factor(unit, target.unit)
        if by is None:
            return replace(made, problem=misfit(target, unit))
        return replace(made, factor=by)
    if target.unit == "元" and (odd := next((r for r in said.remarks if re.search(r"[元万亿]|RMB|USD", r)), "")):
        return replace(made, problem=f"“{odd}”看不出是什么单位，请在表头写明是元、千元、万元还是亿元")
    for note in notes:
        by = units.factor(note, target.unit)
        if by is not None and (target.unit or "%" not in note):
            return replace(made, unit=note, factor=by)
    if target.unit == "元" and any(money_note(note) for note in notes):
        foreign = next(note for note in notes if money_note(note))
        return replace(made, problem=f"单位“{foreign}”是外币，不能当作人民币，请折成人民币后再导入")
    return made


def misfit(target: Target, unit: str) -> str:
    """What is wrong with a unit that is not one of the target's; empty where it is."""
    if target.type != "number" or not unit or units.factor(unit, target.unit) is not None:
        return ""
    wanted = f"“{target.unit}”一类的单位" if target.unit else "比率（% 或小数）"
    return f"单位“{unit}”不适合“{target.name}”，应为{wanted}，请改正表头的单位或重新对应这一列"


def money_note(note: str) -> bool:
    """Whether a note's unit is a foreign currency."""
    return any(name.lower() in note.lower() for name in units.FOREIGN)


def one_column_each(columns: Iterable[Mapped]) -> tuple[Mapped, ...]:
    """Where several columns of a sheet say the same thing, the surest stays and the others are left to the officer."""
    kept: list[Mapped] = []
    best: dict[tuple[str, str, object], int] = {}
    for column in columns:
        if column.target is None or column.confidence < AUTO:
            kept.append(column)
            continue
        key = (column.target.code, column.period.text if column.period else "", column.span)
        if key not in best:
            best[key] = len(kept)
            kept.append(column)
            continue
        other = kept[best[key]]
        loser, winner = (column, other) if other.confidence >= column.confidence else (other, column)
        note = f"与列“{winner.header}”重复，没有导入，请核对哪一列才是“{column.target.name}”"
        lost = replace(loser, target=None, confidence=0.0, how="", problem=note)
        if winner is column:
            kept[best[key]] = lost
            best[key] = len(kept)
            kept.append(column)
        else:
            kept.append(lost)
    return tuple(kept)


def key(header: str) -> str:
    """A header as it is remembered: folded, its absolute period taken out, so that next year's file meets it again.

    >>> key("营业收入/2022年") == key("营业收入/2023年")
    True
    """
    parts = [headings.read(part) for part in header.split("/")]
    kept = [fold(part.name) + (f"({','.join(map(fold, part.remarks))})" if part.remarks else "") for part in parts]
    return ("/".join(k for k in kept if k) or fold(header))[:200]


def read_wishes(given: Any) -> tuple[dict[str, Wish], str]:
    """Read a mapping file: `{header: target}` or `{columns: {header: {to, unit, period}}, period: "2023"}`.

    Raises `BadMapping` where the shape is another.
    """
    if not isinstance(given, Mapping):
        raise BadMapping("列对应文件应是“表头: 指标”的对照表（YAML 或 JSON）。")
    columns = given.get("columns", {k: v for k, v in given.items() if k != "period"})
    if not isinstance(columns, Mapping):
        raise BadMapping("列对应文件的 columns 应是“表头: 指标”的对照表。")
    made: dict[str, Wish] = {}
    for header, said in columns.items():
        if said is None or isinstance(said, str):
            wish = Wish(said or "", how="指定")
        elif isinstance(said, Mapping) and set(said) <= {"to", "unit", "period"}:
            wish = Wish(
                str(said.get("to") or ""), str(said.get("unit") or ""), str(said.get("period") or ""), how="指定"
            )
        else:
            raise BadMapping(f"列对应文件里“{header}”应写成指标名，或 {{to: 指标, unit: 单位, period: 期间}}。")
        made[fold(str(header))] = wish
    period = str(given.get("period") or "")
    if period:
        try:
            Period.parse(period)
        except BadPeriod as error:
            raise BadMapping(f"列对应文件的 period 写错了：{error}") from None
    return made, period


def wish_for(header: str, given: Mapping[str, Wish], remembered: Mapping[str, Wish]) -> Wish | None:
    """What an officer gave for a header (whole, or its last part), else what was remembered for it."""
    for text in (header, header.replace("/", ""), header.rsplit("/", 1)[-1]):
        if found := given.get(fold(text)):
            return found
        if found := given.get(key(text)):
            return found
    return remembered.get(key(header))


COMPANY = re.compile(r"(?:公司|厂|研究院|研究所|事务所|合伙\)|合伙企业.*|集团|中心|合作社|商行|工作室)$")
