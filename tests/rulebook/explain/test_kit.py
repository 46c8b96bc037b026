"""Over the conformance kit's models: every null has a reason, in both languages."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from wotu.rulebook import Rulebook
from wotu.rulebook.explain.document import trace_document
from wotu.rulebook.explain.tell import trace_lines
from wotu.rulebook.tck import SPACE, value_of


def first_cases(folder: Path):  # type: ignore[no-untyped-def]
    """The model and inputs of the first case of every third file of cases."""
    for file in sorted(folder.rglob("*-test-*.xml"))[::3]:
        root = etree.fromstring(file.read_bytes())
        model = file.parent / (root.findtext(f"{SPACE}modelName") or "").strip()
        book = Rulebook.lenient(model.read_bytes(), name=model.name, beside=file.parent)
        case = root.find(f"{SPACE}testCase")
        if case is not None:
            given = {node.get("name", ""): value_of(node) for node in case.iterchildren(f"{SPACE}inputNode")}
            known = {info.name for info in book.inputs}
            if all(not isinstance(value, str) or book_takes(book, name) for name, value in given.items()):
                yield book, {name: value for name, value in given.items() if name in known}


def book_takes(book: Rulebook, name: str) -> bool:
    """Whether an input may be a text: the kit gives texts to inputs of other types here and there."""
    return all(info.base in ("string", "Any") for info in book.inputs if info.name == name)


def test_every_null_of_the_kits_models_has_a_reason(shared: Path) -> None:
    seen = 0
    for book, inputs in first_cases(shared / "tck"):
        trace = book.trace(inputs, null="feel", lang="en")
        for step in trace.steps:
            if step.value is None:
                reasons = [reason for reason in step.nulls if not reason.follows]
                assert reasons, (book.name, step.decision)
                assert not any("\u4e00" <= sign <= "\u9fff" for reason in reasons for sign in reason.why)
                seen += len(reasons)
        assert list(trace_lines(trace))
        assert len(trace_document(trace)) == len(trace.steps)
    assert seen > 200
