"""`wotu rules screen`: counts that can be counted by hand, a run that goes on where it was killed, one sentence for each fault."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.rulebook.dmn.models import decided, definitions
from tests.rulebook.dmn.models import given as input_
from wotu.rulebook import Rulebook
from wotu.rulebook.cli import main
from wotu.rulebook.columnar import runner

INPUTS = input_("收入") + input_("研发") + input_("在园", "boolean") + input_("行业", "string") + input_("注册", "date")
GRANT = INPUTS + "".join(
    (
        decided("规模", "收入 >= 1000 or 研发 >= 200", "in_收入 in_研发", "boolean"),
        decided("强度", "研发 / 收入 >= 0.05", "in_收入 in_研发", "boolean"),
        decided("在册", '注册 <= date("2024-01-01") and 在园', "in_注册 in_在园", "boolean"),
        decided("领域", '行业 in ("新材料", "生物医药")', "in_行业", "boolean"),
        decided("基本", "规模 and 在册", "d_规模 d_在册", "boolean"),
        decided("符合", "基本 and 强度 and 领域", "d_基本 d_强度 d_领域", "boolean"),
        decided("金额", "if 符合 then round half up(min(研发 * 0.15, 100), 2) else null", "d_符合 in_研发", "number"),
    )
)
SIMPLE = INPUTS + decided("够大", "收入 > 500", "in_收入", "boolean") + decided("符合", "够大", "d_够大", "boolean")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "补助.dmn").write_bytes(definitions(GRANT, "补助"))
    (folder / "简单.dmn").write_bytes(definitions(SIMPLE, "简单"))
    return folder


def rows(count: int, seed: int = 1) -> list[dict[str, Any]]:
    random = Random(seed)
    choose = random.choice
    return [
        {
            "id": number + 1,
            "收入": choose([None, Decimal(0), Decimal("999.99"), Decimal(1000), Decimal(random.randrange(5000)) / 10]),
            "研发": choose([None, Decimal(0), Decimal(50), Decimal(200), Decimal(random.randrange(90000)) / 100]),
            "在园": choose([True, True, True, False, None]),
            "行业": choose(["新材料", "生物医药", "农业", None]),
            "注册": choose([date(2024, 1, 1), date(2020, 5, 1), date(2024, 1, 2), None]),
        }
        for number in range(count)
    ]


def table(found: list[dict[str, Any]]) -> pa.Table:
    kinds = {
        "id": pa.int64(),
        "收入": pa.decimal128(18, 2),
        "研发": pa.decimal128(38, 12),
        "在园": pa.bool_(),
        "行业": pa.string(),
        "注册": pa.date32(),
    }
    return pa.table({name: pa.array([row[name] for row in found], kind) for name, kind in kinds.items()})


def counted(book: Rulebook, found: list[dict[str, Any]]) -> dict[str, Any]:
    """The same numbers, one enterprise at a time."""
    verdicts: Counter[Any] = Counter()
    short, total = 0, Decimal(0)
    for row in found:
        inputs = {name: value for name, value in row.items() if name != "id"}
        values = book.evaluate(inputs).values
        eligible = values["符合"]
        verdicts[eligible if isinstance(eligible, bool) else None] += 1
        short += book.explain(inputs).near_miss is not None
        if eligible is True and isinstance(values.get("金额"), Decimal):
            total += values["金额"]
    return {
        "eligible": verdicts[True],
        "not": verdicts[False],
        "unknown": verdicts[None],
        "one_short": short,
        "amount_total": total,
    }


def screened(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main(["screen", *map(str, words), "--as-of", "2026-04-01", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out, parse_float=Decimal)
    return found


def test_the_totals_are_those_of_each_enterprise_alone(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = rows(700)
    pq.write_table(table(found), tmp_path / "t.parquet", row_group_size=256)
    summary = screened(capsys, rules, "--table", tmp_path / "t.parquet", "--out", tmp_path / "out", "--threads", 2)
    assert summary["rows"] == 700
    assert set(summary["seconds"]) == {"read", "bind", "atoms", "combine", "write", "total"}
    assert summary["peak_memory"] > 0
    simple, grant = summary["rules"]
    assert {name: grant[name] for name in ("eligible", "not", "unknown", "one_short", "amount_total")} == counted(
        Rulebook.load(rules / "补助.dmn"), found
    )
    assert simple["amount_total"] is None
    assert simple["eligible"] + simple["not"] + simple["unknown"] == 700
    assert (
        screened(capsys, rules, "--table", tmp_path / "t.parquet", "--out", tmp_path / "out", "--threads", 1) == summary
    )

    near = pq.read_table(tmp_path / "out" / "near").to_pylist()
    assert len(near) == grant["one_short"] + simple["one_short"]
    book = Rulebook.load(rules / "补助.dmn")
    for row in [each for each in near if each["rule"] == 1][:40]:
        miss = book.explain({n: v for n, v in found[row["row"]].items() if n != "id"}).near_miss
        assert miss is not None
        assert (row["id"], row["clause"]) == (found[row["row"]]["id"], miss.clause)
    assert {row["distance"] for row in near if row["rule"] == 0} == {
        abs(500 - found[r["row"]]["收入"]) for r in near if r["rule"] == 0
    }
    amounts = pq.read_table(tmp_path / "out" / "amounts")
    assert sum(amounts["amount"].to_pylist()) == grant["amount_total"]
    clauses = {
        row["clause"]: row
        for row in pq.read_table(tmp_path / "out" / "clauses.parquet").to_pylist()
        if row["rule"] == 1
    }
    assert list(clauses) == ["基本", "强度", "领域", "规模", "在册"]
    assert sum(row["only_stop"] for row in clauses.values()) == grant["one_short"]
    assert clauses["领域"]["unknown"] == sum(row["行业"] is None for row in found)


def test_row_groups_are_cut_and_put_together(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = table(rows(700))
    coded = found.set_column(4, "行业", found["行业"].dictionary_encode())
    pq.write_table(coded, tmp_path / "t.parquet", row_group_size=50)
    summary = screened(capsys, rules, "--table", tmp_path / "t.parquet", "--out", tmp_path / "whole")
    one = pq.read_table(tmp_path / "whole" / "outcomes").to_pylist()
    assert [(row["first_row"], row["rows"]) for row in one] == [(0, 700)] * 2
    monkeypatch.setattr(runner, "block_rows", lambda *given: 128)
    for size, sizes in ((50, [100] * 7), (300, [128, 128, 44] * 2 + [100]), (700, [128] * 5 + [60])):
        pq.write_table(coded, tmp_path / "t.parquet", row_group_size=size)
        out = tmp_path / f"by {size}"
        again = screened(capsys, rules, "--table", tmp_path / "t.parquet", "--out", out, "--threads", 1)
        assert again["rules"] == summary["rules"]
        cut = pq.read_table(out / "outcomes", columns=["rule", "first_row", "rows"]).to_pylist()
        assert [row["rows"] for row in cut if row["rule"] == 0] == sizes
        assert pq.read_table(out / "clauses.parquet").equals(pq.read_table(tmp_path / "whole" / "clauses.parquet"))


def test_the_row_group_that_cannot_be_read_is_named(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(table(rows(700)), tmp_path / "t.parquet", row_group_size=50, compression="zstd")
    column = pq.read_metadata(tmp_path / "t.parquet").row_group(4).column(1)
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    (tmp_path / "t.parquet").write_bytes(data)
    assert main(["screen", str(rules), "--table", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out")]) == 2
    assert "从第 201 行起（第 5 个行组）读不出来" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_block_with_longer_amounts_gives_all_blocks_as_much_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = input_("收入") + decided("够", "收入 > 0", "in_收入", "boolean")
    rule += decided("符合", "够", "d_够", "boolean")
    rule += decided("金额", "收入 * 收入 * 收入", "in_收入", "number")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "立方.dmn").write_bytes(definitions(rule, "立方"))
    monkeypatch.setattr(runner, "block_rows", lambda *given: 64)
    incomes = [Decimal(7)] * 64 + [Decimal(10**12)] * 2 + [Decimal(5)] * 100
    pq.write_table(pa.table({"收入": pa.array(incomes, pa.decimal128(18, 2))}), tmp_path / "t.parquet")
    said = screened(capsys, tmp_path / "rules", "--table", tmp_path / "t.parquet", "--out", tmp_path / "out")
    assert said["rules"][0]["amount_total"] == 64 * 7**3 + 2 * 10**36 + 100 * 5**3
    assert pq.read_table(tmp_path / "out" / "amounts")["amount"].to_pylist() == [each**3 for each in incomes]
    totals = pq.read_table(tmp_path / "out" / "outcomes")["amount_total"].to_pylist()
    assert totals == [64 * 7**3, 2 * 10**36 + 62 * 5**3, 38 * 5**3]


def test_a_killed_run_leaves_nothing_to_see_and_goes_on(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STEP", 64)
    monkeypatch.setattr(runner, "block_rows", lambda *given: 64)
    pq.write_table(table(rows(300)), tmp_path / "t.parquet")
    whole = screened(capsys, rules, "--table", tmp_path / "t.parquet", "--out", tmp_path / "whole")
    real, done = runner.screened, []

    def dies(*arguments: Any, **named: Any) -> Any:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(arguments[2])
        return real(*arguments, **named)

    monkeypatch.setattr(runner, "screened", dies)
    assert (
        main(
            [
                "screen",
                str(rules),
                "--table",
                str(tmp_path / "t.parquet"),
                "--out",
                str(tmp_path / "out"),
                "--as-of",
                "2026-04-01",
            ]
        )
        == 130
    )
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(runner, "screened", lambda *a, **n: (done.append(a[2]), real(*a, **n))[1])
    again = screened(capsys, rules, "--table", tmp_path / "t.parquet", "--out", tmp_path / "out")
    assert sorted(done) == [0, 64, 128, 192, 256]
    assert again["rules"] == whole["rules"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "rules", "t.parquet", "whole"]


def test_a_run_killed_outright_leaves_nothing_visible_and_goes_on(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tables").mkdir()
    whole = table(rows(400))
    for start in range(0, 400, 2):  # each file ends a block
        pq.write_table(whole.slice(start, 2), tmp_path / "tables" / f"{start:03}.parquet")
    words = [
        "screen",
        rules,
        "--table",
        tmp_path / "tables",
        "--out",
        tmp_path / "out",
        "--as-of",
        "2026-04-01",
        "--json",
    ]
    command = [sys.executable, "-m", "wotu.rulebook", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and not [*tmp_path.glob(".out.*.part/outcomes/*.parquet")]:
            time.sleep(0.005)
        run.kill()
    assert run.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    finished = {file: file.stat().st_mtime_ns for file in tmp_path.glob(".out.*.part/outcomes/*.parquet")}
    assert finished
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (
        finished.items()
        <= {
            next(iter(finished)).parent / file.name: file.stat().st_mtime_ns
            for file in (tmp_path / "out" / "outcomes").iterdir()
        }.items()
    )
    fresh = screened(capsys, rules, "--table", tmp_path / "tables", "--out", tmp_path / "fresh")
    assert json.loads(said.stdout, parse_float=Decimal)["rules"] == fresh["rules"]


BAD: dict[str, tuple[Any, str]] = {
    "missing": (lambda t: t.drop_columns(["研发"]), "规则“补助”：表里没有列“研发”"),
    "type": (
        lambda t: t.set_column(1, "收入", t["收入"].cast(pa.float64())),
        "列“收入”的类型是 double，这条规则要整数或 decimal（至多 38 位）列",
    ),
    "null": (
        lambda t: t.set_column(3, "在园", pa.nulls(t.num_rows, pa.bool_())),
        "规则“简单”：列“在园”：40 行全是空的",
    ),
    "no id": (
        lambda t: t.set_column(0, "id", pa.array([*range(30), None, *range(31, 39), None])),
        "列“id”第 31 行是空的。每家企业都要有标识",
    ),
    "no statistics": (
        lambda t: t.set_column(3, "在园", pa.nulls(t.num_rows, pa.bool_())),
        "规则“简单”：列“在园”：40 行全是空的（每个行组都是）",
    ),
    "two of a name": (lambda t: t.append_column("收入", t["收入"]), "有两列都叫“收入”"),
    "twice": (lambda t: pa.concat_tables([t, t.slice(3, 1)]), "列“id”：第 4 行与第 41 行是同一个标识"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_table_is_refused_in_one_sentence(
    fault: str, rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, sentence = BAD[fault]
    pq.write_table(change(table(rows(40))), tmp_path / "t.parquet", write_statistics=fault != "no statistics")
    assert main(["screen", str(rules), "--table", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules", "t.parquet"]


def test_an_enterprise_without_an_id_is_refused(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = table(rows(40))
    pq.write_table(found.set_column(0, "id", pa.array([None, *range(1, 40)])), tmp_path / "t.parquet")
    assert main(["screen", str(rules), "--table", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out")]) == 2
    assert "t.parquet：列“id”第 1 行是空的" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules", "t.parquet"]


def test_values_outside_the_allowed_list_are_refused_or_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    kind = '<itemDefinition name="类"><typeRef>string</typeRef><allowedValues><text>"甲","乙"</text></allowedValues></itemDefinition>'
    body = (
        kind
        + input_("级", "类")
        + decided("是", '级 = "甲"', "in_级", "boolean")
        + decided("符合", "是", "d_是", "boolean")
    )
    (folder / "级.dmn").write_bytes(definitions(body, "级别"))
    pq.write_table(pa.table({"级": ["甲", "乙", "丙", None]}), tmp_path / "t.parquet")
    words = [str(folder), "--table", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out")]
    assert main(["screen", *words]) == 2
    told = capsys.readouterr().err
    assert "规则“级别”，t.parquet 第 1–4 行：列“级”第 3 行的 丙 不在允许的值之内" in told
    [rule] = screened(capsys, *words, "--unfit", "unknown")["rules"]
    assert (rule["eligible"], rule["not"], rule["unknown"]) == (1, 1, 2)


def test_files_of_one_table_must_agree(rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    whole = table(rows(20))
    pq.write_table(whole.slice(0, 10), folder / "a.parquet")
    pq.write_table(whole.slice(10), folder / "b.parquet")
    assert screened(capsys, rules, "--table", folder, "--out", tmp_path / "one")["rows"] == 20
    other = whole.set_column(1, "收入", whole["收入"].cast(pa.decimal128(20, 2)))
    pq.write_table(other, folder / "c.parquet")
    assert main(["screen", str(rules), "--table", str(folder), "--out", str(tmp_path / "two")]) == 2
    assert (
        "c.parquet：与 a.parquet 的列不同：“收入”是 decimal128(20, 2)，前者是 decimal128(18, 2)"
        in capsys.readouterr().err
    )


def test_a_full_disk_is_said_and_nothing_stays(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(table(rows(20)), tmp_path / "t.parquet")

    def full(*arguments: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(runner, "_write", full)
    assert main(["screen", str(rules), "--table", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out")]) == 2
    assert "磁盘满了" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules", "t.parquet"]


def test_the_edition_in_force_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, start, end, least in (("旧", "2020-01-01", "2025-12-31", 10), ("新", "2026-01-01", "", 20)):
        said = f'<extensionElements><wotu:rule name="补" edition="{name}" effectiveFrom="{start}" effectiveTo="{end}"/></extensionElements>'
        body = (
            said
            + input_("收入")
            + decided("够", f"收入 >= {least}", "in_收入", "boolean")
            + decided("符合", "够", "d_够", "boolean")
        )
        (folder / f"{name}.dmn").write_bytes(definitions(body, "补"))
    pq.write_table(pa.table({"收入": pa.array([5, 15, 25])}), tmp_path / "t.parquet")
    words = [str(folder), "--table", str(tmp_path / "t.parquet"), "--json"]
    for day, expected in (("2025-06-30", 2), ("2026-06-30", 1)):
        assert main(["screen", *words, "--out", str(tmp_path / day), "--as-of", day]) == 0
        [rule] = json.loads(capsys.readouterr().out)["rules"]
        assert rule["eligible"] == expected
    assert main(["screen", *words, "--out", str(tmp_path / "never"), "--as-of", "2019-01-01"]) == 2
    assert "2019-01-01 没有可以筛查的规则" in capsys.readouterr().err


def test_a_rule_without_clauses_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "空.dmn").write_bytes(
        definitions(input_("收入") + decided("符合", "收入 > 1", "in_收入", "boolean"), "空")
    )
    pq.write_table(pa.table({"收入": [1]}), tmp_path / "t.parquet")
    assert main(["screen", str(tmp_path), "--table", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out")]) == 2
    assert "规则“空”（空.dmn）：“符合”没有依据任何条款" in capsys.readouterr().err
