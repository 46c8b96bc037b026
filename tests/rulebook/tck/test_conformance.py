"""Every live case of the conformance kit passes, level by level."""

from __future__ import annotations

from pathlib import Path

import pytest

from wotu.rulebook.tck import run, tck


@pytest.mark.parametrize("level", ["compliance-level-2", "compliance-level-3", "non-compliant"])
def test_every_case_of_a_level_passes(shared: Path, level: str) -> None:
    result = run(shared / "tck" / level)

    assert [str(failure) for failure in result.failures] == []
    assert result.levels == {level: {"passed": result.passed, "failed": 0}}
    assert result.passed > 20


def test_a_wrong_answer_is_a_failed_case_that_says_both_values(tmp_path: Path) -> None:
    folder = tmp_path / "level" / "topic"
    folder.mkdir(parents=True)
    (folder / "sum.dmn").write_text(
        """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="sum" namespace="urn:sum">
             <decision name="total" id="d"><variable name="total" typeRef="number"/>
               <literalExpression><text>1 + 2</text></literalExpression></decision></definitions>""",
        encoding="utf-8",
    )
    (folder / "sum-test-01.xml").write_text(
        """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
                      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><modelName>sum.dmn</modelName>
             <testCase id="right"><resultNode name="total"><expected><value xsi:type="xsd:decimal">3</value></expected>
             </resultNode></testCase>
             <testCase id="wrong"><resultNode name="total"><expected><value xsi:type="xsd:decimal">4</value></expected>
             </resultNode></testCase></testCases>""",
        encoding="utf-8",
    )

    assert tck(tmp_path) == {
        "passed": 1,
        "failed": 1,
        "levels": {"level": {"passed": 1, "failed": 1}},
        "failures": ["topic/sum-test-01.xml wrong total：应为 4，实为 3"],
    }
