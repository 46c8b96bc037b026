"""`wotu rules run`: one rule, one set of inputs, every result, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..documents import meant, refuse, write_json
from ..explain import Explanation, Reached, reach
from ..explain.build import view_of
from ..explain.document import explanation_document, place_document, plans_document, reached_document, trace_document
from ..explain.model import ClauseReason, Used
from ..explain.tell import trace_lines
from ..explain.words import citation_words, evidence_words, say, show_value
from ..feel import has_unknown
from ..plain import plain, possible
from .arguments import Given
from .as_of import chosen
from .given import mapping, null_of, unused

if TYPE_CHECKING:
    from ..editions import EditionFile
    from ..explain.trace import Trace
    from ..rulebook import Null, Remark, Rulebook

MARKS = {"met": "✓", "not met": "✗", "unknown": "?"}


def run(given: Given) -> int:
    """Print the results of a rule for the inputs given."""
    book, edition, day = chosen(given)
    inputs = unused(book, mapping(given.one("inputs", "{}"), "--inputs"))
    null, lang = null_of(given), given.one("lang", "zh")
    decisions = _decisions(book, given.values.get("decision", ()))
    found = book.evaluate(inputs, decisions=decisions or None, null=null)
    values = {name: found.values[name] for name in decisions or (info.name for info in book.decisions)}
    explanation = book.explain(inputs, null=null, lang=lang) if given.has("explain") else None
    trace = book.trace(inputs, decisions or None, null=null, lang=lang) if given.has("trace") else None
    reached = tuple(_reached(book, inputs, given, null, lang))
    answer = Answer(book, edition, day, values, found.diagnostics, explanation, trace, reached, lang)
    print(write_json(_document(answer), 2) if given.has("json") else "\n".join(_told(answer, decisions)))
    return 0


@dataclass(frozen=True)
class Answer:
    """All that was asked about one rule and one set of inputs."""

    book: Rulebook
    edition: EditionFile | None
    day: date | None
    values: Mapping[str, Any]
    remarks: Sequence[Remark]
    explanation: Explanation | None
    trace: Trace | None
    reached: tuple[Reached, ...]
    lang: str


def _reached(book: Rulebook, inputs: Mapping[str, Any], given: Given, null: Null, lang: str) -> Iterator[Reached]:
    """How to reach what is wanted: the rule itself with --how, each condition of --want."""
    changeable = given.values.get("change")
    known = [info.name for info in book.inputs]
    for name in changeable or ():
        if name not in known:
            near = meant(name, known)
            hint = f"是不是“{near}”？" if near else f"有：{'、'.join(known)}"
            raise refuse("--change", f"规则“{book.name}”没有输入“{name}”", hint)
    goals = list(given.values.get("want", ()))
    if given.has("how"):
        if book.eligible_name is None:
            raise refuse("--how", f"规则“{book.name}”没有“符合”这个决策", "请用 --want 写出想达到的条件")
        goals.insert(0, book.eligible_name)
    for goal in goals:
        yield reach(book, inputs, goal, changeable, null=null, lang=lang)


def _decisions(book: Rulebook, asked: Sequence[str]) -> tuple[str, ...]:
    known = [info.name for info in book.decisions]
    for name in asked:
        if name not in known:
            near = meant(name, known)
            hint = f"是不是“{near}”？" if near else f"有：{'、'.join(known)}"
            raise refuse("--decision", f"规则“{book.name}”没有决策“{name}”", hint)
    return tuple(dict.fromkeys(asked))


def _document(answer: Answer) -> dict[str, Any]:
    """The JSON: `values` exact (null: no value or not known), `unknown` those not known and what they can still be."""
    said: dict[str, Any] = {
        "rule": answer.book.name,
        "edition": answer.book.edition,
        "values": {name: plain(value) for name, value in answer.values.items()},
        "unknown": [
            {"decision": name, "possible": possible(value)}
            for name, value in answer.values.items()
            if has_unknown(value)
        ],
    }
    if answer.edition is not None:
        said |= {"as_of": str(answer.day), "file": answer.edition.path.name}
    if answer.remarks:
        said["diagnostics"] = [
            {"decision": each.decision, "expression": each.expression, "why": each.why, **place_document(each.place)}
            for each in answer.remarks
        ]
    if answer.explanation is not None:
        said["explanation"] = explanation_document(answer.explanation)
    if answer.trace is not None:
        said["trace"] = trace_document(answer.trace)
    own = [item for item in answer.reached if item.goal == answer.book.eligible_name]
    if own:
        said["what_would_do"] = plans_document(own[0].plans)
    others = [item for item in answer.reached if item not in own]
    if others:
        said["wanted"] = [reached_document(item) for item in others]
    return said


def _told(answer: Answer, asked: Sequence[str]) -> Iterator[str]:
    book, explanation, lang = answer.book, answer.explanation, answer.lang
    colon = say(lang, "colon")
    yield f"{book.name}{f'（{book.edition}）' if book.edition else ''}"
    if answer.edition is not None:
        yield say(lang, "as of", str(answer.day), answer.edition.path.name, answer.edition.days(lang))
    if explanation is None or asked:
        units = {info.name: info.unit for info in book.decisions}
        names = view_of(book).names(lang)
        for name, value in answer.values.items():
            yield f"  {names.get(name, name)}{colon}{show_value(value, units.get(name), lang)}"
    if explanation is not None:
        yield from _explained(explanation, asked, view_of(book).names(lang))
    elif answer.trace is None and any(value is None for value in answer.values.values()):
        yield from (f"  ▸ {remark.expression}：{remark.why}" for remark in answer.remarks[:5])
    if answer.trace is not None:
        yield ""
        yield from trace_lines(answer.trace)
    for item in answer.reached:
        yield ""
        yield from _way(item, item.goal == book.eligible_name, lang)


def _way(item: Reached, own: bool, lang: str) -> Iterator[str]:
    """How a goal is reached."""
    if item.state == "met":
        yield say(lang, "reached", item.goal)
        return
    if not own:
        yield say(lang, "now", item.goal, item.reason.text)
        yield say(lang, "how to", item.goal) if item.plans else say(lang, "no way to", item.goal)
    else:
        yield say(lang, "how") if item.plans else say(lang, "no way")
    yield from (f"  {number}. {plan.text}" for number, plan in enumerate(item.plans, 1))


def _explained(explanation: Explanation, asked: Sequence[str], names: Mapping[str, str]) -> Iterator[str]:
    lang = explanation.lang
    yield explanation.text
    for reason in explanation.clauses:
        yield ""
        yield from _clause(reason, lang, names)
    shown = [(name, value) for name, value in explanation.outcomes.items() if name not in asked]
    if shown:
        yield ""
        for name, value in shown:
            yield f"{names.get(name, name)}{say(lang, 'colon')}{show_value(value, explanation.units[name], lang)}"
    if explanation.unknown_inputs:
        yield ""
        yield say(lang, "still unknown")
        for item in explanation.unknown_inputs:
            yield f"  {names.get(item.name, item.name)}" + (say(lang, "settles it") if item.alone == "always" else "")


def _clause(reason: ClauseReason, lang: str, names: Mapping[str, str]) -> Iterator[str]:
    indent = "  " * (reason.level - 1)
    lines: list[tuple[str, str]] = [
        ("used", _used(reason.used, lang, names)),
        ("needs", reason.needs),
        ("case", reason.text),
        ("distance", reason.distance.text if reason.distance else ""),
        ("lacks", say(lang, "sep").join(names.get(name, name) for name in reason.missing)),
        ("note", reason.note if reason.note not in reason.text else ""),
        ("source", _source(reason, lang)),
    ]
    yield f"{indent}{MARKS[reason.state]} {reason.label}{say(lang, 'colon')}{say(lang, reason.state)}"
    yield from (f"{indent}    {say(lang, 'row ' + key)}{text}" for key, text in lines if text)


def _used(used: Sequence[Used], lang: str, names: Mapping[str, str]) -> str:
    values = (f"{names.get(item.name, item.name)} {show_value(item.value, item.unit, lang)}" for item in used)
    return say(lang, "sep").join(values)


def _source(reason: ClauseReason, lang: str) -> str:
    sure = evidence_words(reason.evidence, lang)
    if reason.citation is None:
        return sure
    words = citation_words(reason.citation)
    address = f" {reason.citation.url}" if reason.citation.url else ""
    return f"{words}{f'〔{sure}〕' if sure else ''}{address}"
