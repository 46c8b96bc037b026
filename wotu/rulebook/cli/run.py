"""`wotu rules run`: one rule, one set of inputs, every result, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents import meant, refuse, write_json
from ..explain import Explanation, what_would_do
from ..explain.document import explanation_document, plans_document
from ..explain.model import ClauseReason, Plan, Used
from ..explain.words import citation_words, evidence_words, say, show_value
from ..feel import has_unknown
from ..plain import plain, possible
from .arguments import Given
from .given import mapping, null_of, rulebook, unused

if TYPE_CHECKING:
    from ..rulebook import Remark, Rulebook

MARKS = {"met": "✓", "not met": "✗", "unknown": "?"}


def run(given: Given) -> int:
    """Print the results of a rule for the inputs given."""
    book = rulebook(Path(given.words[0]))
    inputs = unused(book, mapping(given.one("inputs", "{}"), "--inputs"))
    null, lang = null_of(given), given.one("lang", "zh")
    decisions = _decisions(book, given.values.get("decision", ()))
    found = book.evaluate(inputs, decisions=decisions or None, null=null)
    values = {name: found.values[name] for name in decisions or (info.name for info in book.decisions)}
    explanation = book.explain(inputs, null=null, lang=lang) if given.has("explain") else None
    plans = what_would_do(book, inputs, null=null, lang=lang) if given.has("how") else None
    if given.has("json"):
        print(write_json(_document(book, values, found.diagnostics, explanation, plans), 2))
        return 0
    print("\n".join(_told(book, values, decisions, explanation, plans, lang)))
    if explanation is None and any(value is None for value in values.values()):
        print("\n".join(f"  ▸ {remark.expression}：{remark.why}" for remark in found.diagnostics[:5]))
    return 0


def _decisions(book: Rulebook, asked: Sequence[str]) -> tuple[str, ...]:
    known = [info.name for info in book.decisions]
    for name in asked:
        if name not in known:
            near = meant(name, known)
            hint = f"是不是“{near}”？" if near else f"有：{'、'.join(known)}"
            raise refuse("--decision", f"规则“{book.name}”没有决策“{name}”", hint)
    return tuple(dict.fromkeys(asked))


def _document(
    book: Rulebook,
    values: Mapping[str, Any],
    remarks: Sequence[Remark],
    explanation: Explanation | None,
    plans: Sequence[Plan] | None,
) -> dict[str, Any]:
    """The JSON: `values` exact (null: no value or not known), `unknown` those not known and what they can still be."""
    said: dict[str, Any] = {
        "rule": book.name,
        "edition": book.edition,
        "values": {name: plain(value) for name, value in values.items()},
        "unknown": [
            {"decision": name, "possible": possible(value)} for name, value in values.items() if has_unknown(value)
        ],
    }
    if remarks:
        said["diagnostics"] = [{"expression": remark.expression, "why": remark.why} for remark in remarks]
    if explanation is not None:
        said["explanation"] = explanation_document(explanation)
    if plans is not None:
        said["what_would_do"] = plans_document(plans)
    return said


def _told(
    book: Rulebook,
    values: Mapping[str, Any],
    asked: Sequence[str],
    explanation: Explanation | None,
    plans: Sequence[Plan] | None,
    lang: str,
) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    yield f"{book.name}{f'（{book.edition}）' if book.edition else ''}"
    if explanation is None or asked:
        units = {info.name: info.unit for info in book.decisions}
        for name, value in values.items():
            yield f"  {name}{colon}{show_value(value, units.get(name), lang)}"
    if explanation is not None:
        yield explanation.text
        for reason in explanation.clauses:
            yield ""
            yield from _clause(reason, lang)
        shown = [(name, value) for name, value in explanation.outcomes.items() if not asked or name not in asked]
        if shown:
            yield ""
            yield from (f"{name}{colon}{show_value(value, explanation.units[name], lang)}" for name, value in shown)
        if explanation.unknown_inputs:
            yield ""
            yield say(lang, "still unknown")
            for item in explanation.unknown_inputs:
                yield f"  {item.name}" + (say(lang, "settles it") if item.alone == "always" else "")
    if plans is not None:
        yield ""
        yield say(lang, "how") if plans else say(lang, "no way")
        yield from (f"  {number}. {plan.text}" for number, plan in enumerate(plans, 1))


def _clause(reason: ClauseReason, lang: str) -> Iterator[str]:
    indent = "  " * (reason.level - 1)
    lines: list[tuple[str, str]] = [
        ("used", _used(reason.used, lang)),
        ("needs", reason.needs),
        ("case", reason.text),
        ("distance", reason.distance.text if reason.distance else ""),
        ("lacks", say(lang, "sep").join(reason.missing) if reason.missing else ""),
        ("note", reason.note if reason.note not in reason.text else ""),
        ("source", _source(reason, lang)),
    ]
    yield f"{indent}{MARKS[reason.state]} {reason.label}{say(lang, 'colon')}{say(lang, reason.state)}"
    yield from (f"{indent}    {say(lang, 'row ' + key)}{text}" for key, text in lines if text)


def _used(used: Sequence[Used], lang: str) -> str:
    return say(lang, "sep").join(f"{item.name} {show_value(item.value, item.unit, lang)}" for item in used)


def _source(reason: ClauseReason, lang: str) -> str:
    sure = evidence_words(reason.evidence, lang)
    if reason.citation is None:
        return sure
    words = citation_words(reason.citation)
    address = f" {reason.citation.url}" if reason.citation.url else ""
    return f"{words}{f'〔{sure}〕' if sure else ''}{address}"
