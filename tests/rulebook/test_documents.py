"""JSON and YAML as people write them: exact, nothing twice, refused with the place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wotu.rulebook.documents import read_file, read_json, write_json
from wotu.rulebook.findings import RulebookError
from wotu.rulebook.yamls import read_yaml


def refusal(read, text: str) -> str:
    with pytest.raises(RulebookError) as refused:
        read(text, "输入")
    return str(refused.value)


def test_numbers_keep_every_digit_both_ways() -> None:
    text = '{"a": 0.1, "b": 1234567890123456789012345678901234, "c": -0.00000000000000000000000001, "d": 1E+300}'
    assert write_json(read_json(text, "输入")) == text


def test_yaml_dates_and_words_stay_text_and_numbers_are_exact() -> None:
    found = read_yaml("{a: 2026-02-30, b: yes, c: 12:30, d: 0.10, e: , f: ~, g: true, h: '12'}", "输入")
    assert found == {
        "a": "2026-02-30", "b": "yes", "c": "12:30", "d": Decimal("0.10"), "e": None, "f": None, "g": True, "h": "12",
    }  # fmt: skip


def test_yaml_merges_let_a_case_say_only_what_differs() -> None:
    assert read_yaml("- &base {a: 1, b: 2}\n- {<<: *base, b: 3}", "输入")[1] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 2}', "“a”出现了两次"),
        ('{"a": NaN}', "NaN 不是数"),
        ('{"a": -Infinity}', "不是数"),
        ('{"a": 1e99999}', "超出范围"),
        ('{"a": 1e99999999999999999999}', "超出范围"),
        ('{"a": 12345678901234567890123456789012345}', "超过 34 位有效数字"),
        ('{"a": 1,\n "b": }', "第 2 行第 7 列"),
        ("[" * 100_000, "嵌套超过"),
        ("{'a': 1}", "英文双引号"),
    ],
)
def test_json_is_refused_with_the_reason(text: str, said: str) -> None:
    assert said in refusal(read_json, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "第 2 行第 1 列：“a”出现了两次"),
        ("a: .nan", "不是数"),
        ("a: -.inf", "不是数"),
        ("a: &a [*a]", "引用了自己"),
        ("a: !!python/object:os.system x", "不认识的标签"),
        ("a: [1", "方括号没有闭合"),
        ("? [1, 2]\n: 3", "名称不是文字"),
        ("a:\n- 1\n b: 2", "第 3 行"),
    ],
)
def test_yaml_is_refused_with_the_reason(text: str, said: str) -> None:
    assert said in refusal(read_yaml, text)


def test_aliases_that_grow_without_end_are_refused() -> None:
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    assert "展开后超过" in refusal(read_yaml, bomb)


def test_a_file_that_is_not_there_or_not_text_is_said(tmp_path) -> None:
    (tmp_path / "x.json").write_bytes('{"名": 1}'.encode("gbk"))
    for name, said in (("y.json", "没有这个文件"), ("x.json", "不是 UTF-8"), ("x.txt", "不是 JSON 或 YAML")):
        with pytest.raises(RulebookError, match=said):
            read_file(tmp_path / name)
