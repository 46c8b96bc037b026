"""A spreadsheet into the registry: what is written, what a second time changes, what comes back."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from tests.registry.intake.sheets import HEAD, firm, text, xlsx
from wotu.registers.models import AuditLine, Job
from wotu.registers.roles import LEADER, POLICY_OFFICER
from wotu.registers.verbs import Refused
from wotu.registry import actions
from wotu.registry.intake import pipeline, work
from wotu.registry.intake.books import Unreadable
from wotu.registry.models import (
    Area,
    ColumnMapping,
    Enterprise,
    Fact,
    FormerName,
    Import,
    RejectedRow,
    Source,
)

pytestmark = pytest.mark.django_db

A, B, C = firm(1), firm(2), firm(3)
ROWS = [[*HEAD, "营业收入（万元）", "研发人员"], [*A, 100, 5], [*B, "约50", 3], [*C, "—", 2]]


def run(file: Path, source: str = "统计局", **options: Any) -> str:
    """What `wotu import` says."""
    out = io.StringIO()
    call_command("import", str(file), source=source, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().strip()


def facts() -> dict[tuple[str, str, str], Decimal | None]:
    """What the registry holds now."""
    current = Fact.objects.filter(superseded_at__isnull=True).select_related("enterprise", "attribute")
    return {(f.enterprise.code, f.attribute.name, f.period): f.value for f in current}


def counted() -> list[int]:
    return [model.objects.count() for model in (Enterprise, Fact, Import, RejectedRow, FormerName, Source)]


def test_an_import_makes_enterprises_and_facts_with_their_sheet_and_row(tmp_path: Path) -> None:
    said = run(xlsx(tmp_path / "2023.xlsx", {"表": ROWS}))
    assert said == "“2023.xlsx”（统计局）：入库2行、写入4项事实，退回1行。"
    assert facts() == {
        (A[1], "营业收入", "2023"): Decimal(1_000_000),
        (A[1], "研发人员", "2023"): Decimal(5),
        (C[1], "营业收入", "2023"): None,
        (C[1], "研发人员", "2023"): Decimal(2),
    }
    fact = Fact.objects.get(enterprise__code=C[1], attribute__code="rd_staff")
    assert (fact.sheet, fact.row, fact.source.name, fact.batch.name) == ("表", 4, "统计局", "2023.xlsx")
    rejected = RejectedRow.objects.get()
    assert (rejected.row, rejected.cells[:3]) == (3, [*B, "约50"])
    assert not Enterprise.objects.filter(code=B[1]).exists()


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "2023.xlsx", {"表": ROWS})
    run(file)
    before, lines = counted(), AuditLine.objects.count()
    assert "没有变化" in run(file)
    assert counted() == before
    assert AuditLine.objects.count() == lines


def test_the_same_facts_in_another_file_are_repeated_rows(tmp_path: Path) -> None:
    run(xlsx(tmp_path / "2023.xlsx", {"表": ROWS}))
    said = run(text(tmp_path / "又2023.csv", ROWS[:1] + ROWS[1:2] + ROWS[3:]))
    assert said == "“又2023.csv”（统计局）：入库0行、写入0项事实，2行已有同样内容。"
    assert Fact.objects.count() == 4


def test_a_correction_supersedes_and_another_source_stands_beside(tmp_path: Path) -> None:
    run(xlsx(tmp_path / "2023.xlsx", {"表": ROWS[:2]}))
    run(xlsx(tmp_path / "2023改.xlsx", {"表": [ROWS[0], [*A, 120, 5]]}))
    run(xlsx(tmp_path / "2023.xlsx", {"表": [ROWS[0], [*A, 130, 5]]}), source="税务局")
    old, new, other = Fact.objects.filter(attribute__code="revenue").order_by("id")
    assert (old.number, old.superseded_by) == (1_000_000, new)
    assert (new.number, new.superseded_at) == (1_200_000, None)
    assert (other.source.name, other.superseded_at) == ("税务局", None)


def test_unknown_does_not_take_back_what_was_said(tmp_path: Path) -> None:
    run(xlsx(tmp_path / "2023.xlsx", {"表": ROWS[:2]}))
    run(xlsx(tmp_path / "2023改.xlsx", {"表": [ROWS[0], [*A, "—", 5]]}))
    assert facts()[A[1], "营业收入", "2023"] == 1_000_000


def test_a_new_name_leaves_the_old_one_behind_and_an_older_sheet_does_not_bring_it_back(tmp_path: Path) -> None:
    run(xlsx(tmp_path / "a.xlsx", {"2023年": [[*HEAD, "营业收入(万元)"], [*A, 1]]}))
    run(xlsx(tmp_path / "b.xlsx", {"2024年": [[*HEAD, "营业收入(万元)"], ["新名（苏州）有限公司", A[1], 2]]}))
    run(xlsx(tmp_path / "c.xlsx", {"2022年": [[*HEAD, "营业收入(万元)"], ["最早的公司", A[1], 3]]}))
    record = Enterprise.objects.get()
    assert record.name == "新名（苏州）有限公司"
    assert set(record.former_names.values_list("name", flat=True)) == {A[0], "最早的公司"}


def test_blanks_of_the_record_are_filled_and_only_an_authority_replaces_what_is_there(tmp_path: Path) -> None:
    Area.objects.create(code="fq", name="枫桥街道")
    Enterprise.objects.create(code=A[1], name=A[0], industry="C3569")
    header = [*HEAD, "行业代码", "地址", "所属街道", "成立日期"]
    run(xlsx(tmp_path / "a.xlsx", {"a": [header, [*A, "I6513", "狮山路1号", "枫桥", "2010-05-01"]]}))
    record = Enterprise.objects.get()
    assert (record.industry, record.address, record.established_on) == ("C3569", "狮山路1号", date(2010, 5, 1))
    assert record.area is not None
    assert record.area.name == "枫桥街道"
    Source.objects.create(name="市场监管局", kind=Source.Kind.AUTHORITY)
    run(xlsx(tmp_path / "b.xlsx", {"a": [header, [*A, "I6513", "狮山路2号", "", ""]]}), source="市场监管局")
    record.refresh_from_db()
    assert (record.industry, record.address) == ("I6513", "狮山路2号")


def test_a_name_alone_finds_an_enterprise_that_only_it_belongs_to(tmp_path: Path) -> None:
    Enterprise.objects.create(code=A[1], name=A[0])
    for code in (B[1], C[1]):
        Enterprise.objects.create(code=code, name="同名公司")
    rows = [["企业名称", "营业收入(万元)"], [A[0], 1], ["同名公司", 2], ["没有的公司", 3]]
    run(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert facts() == {(A[1], "营业收入", "2023"): Decimal(10_000)}
    reasons = {row.row: row.reasons[0]["what"] for row in RejectedRow.objects.all()}
    assert "不止一家" in reasons[3]
    assert "没有找到" in reasons[4]


def test_a_code_without_a_name_needs_an_enterprise_that_is_known(tmp_path: Path) -> None:
    Enterprise.objects.create(code=A[1], name=A[0])
    rows = [["统一社会信用代码", "营业收入(万元)"], [A[1], 1], [B[1], 2]]
    run(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert list(facts()) == [(A[1], "营业收入", "2023")]
    assert "企业名称" in RejectedRow.objects.get().reasons[0]["what"]


def test_what_holds_since_the_import_is_not_stated_again_on_a_later_day(tmp_path: Path) -> None:
    run(xlsx(tmp_path / "a.xlsx", {"a": [[*HEAD, "注册资本(万元)"], [*A, 100]]}))
    Fact.objects.update(period="2025-01-01", starts_on=date(2025, 1, 1), ends_on=date(2025, 1, 1))
    run(xlsx(tmp_path / "b.xlsx", {"a": [[*HEAD, "注册资本(万元)"], [*A, 100], [*B, 50]]}))
    assert Fact.objects.filter(enterprise__code=A[1]).count() == 1


def test_a_bad_file_leaves_nothing_behind(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04rubbish")
    with pytest.raises(CommandError, match="损坏"):
        run(tmp_path / "a.xlsx")
    assert counted() == [0] * 6
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.xlsx"))


def test_a_dry_run_writes_nothing_and_says_everything(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "2023.xlsx", {"表": ROWS})
    said = run(file, dry_run=True)
    assert "没有写入" in said
    assert "约50" in said
    plain = json.loads(run(file, dry_run=True, json=True))
    assert [(r["row"], r["status"]) for r in plain["rows"]] == [(2, "accepted"), (3, "rejected"), (4, "accepted")]
    assert {"enterprise": A[1], "attribute": "营业收入", "period": "2023", "value": "1000000.00", "unit": "元", "sheet": "表", "row": 2} in plain["facts"]  # fmt: skip
    assert counted() == [0] * 6


def test_a_mapping_file_settles_columns_and_a_bad_one_is_named(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"a": [[*HEAD, "甲项"], [*A, 7]]})
    given = tmp_path / "对应.yaml"
    given.write_text("columns:\n  甲项: {to: 研发费用, unit: 万元}\nperiod: '2022'\n", encoding="utf-8")
    run(file, map=given)
    assert facts() == {(A[1], "研发费用", "2022"): Decimal(70_000)}
    given.write_text("甲项: 研发肥用\n", encoding="utf-8")
    with pytest.raises(CommandError, match="是不是“研发费用”"):
        run(file, map=given)


def officer(role: str = POLICY_OFFICER.name) -> User:
    user = User.objects.create_user("o", password="x", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def test_who_may_only_look_may_not_upload(tmp_path: Path) -> None:
    with pytest.raises(PermissionDenied):
        actions.receive(xlsx(tmp_path / "2023.xlsx", {"a": ROWS}), "2023.xlsx", "统计局", officer(LEADER.name))
    assert counted() == [0] * 6


def test_a_mapping_is_remembered_for_the_next_file_of_the_source(tmp_path: Path) -> None:
    user = officer()
    batch = actions.receive(xlsx(tmp_path / "a.xlsx", {"2022年": [[*HEAD, "甲项"], [*A, 7]]}), "a.xlsx", "统计局", user)
    mapping = batch.mapping
    mapping["sheets"][0]["columns"][2] |= {"target": "rd_expense", "name": "研发费用", "unit": "万元", "said_unit": "万元", "confidence": 1.0, "how": "指定"}  # fmt: skip
    actions.map_columns(batch, user, mapping=mapping, queue=False)
    assert list(ColumnMapping.objects.values_list("header", "target", "unit")) == [("甲项", "rd_expense", "万元")]
    following = actions.receive(
        xlsx(tmp_path / "b.xlsx", {"2023年": [[*HEAD, "甲项"], [*A, 8]]}), "b.xlsx", "统计局", user
    )
    column = following.mapping["sheets"][0]["columns"][2]
    assert (column["target"], column["unit"], column["how"]) == ("rd_expense", "万元", "上次")
    actions.map_columns(following, user, queue=False)
    following = actions.commit(following, user, queue=False)
    work.run(following.job)
    assert facts() == {(A[1], "研发费用", "2023"): Decimal(80_000)}


def test_a_mapping_without_the_enterprise_is_refused(tmp_path: Path) -> None:
    user = officer()
    batch = actions.receive(xlsx(tmp_path / "2023.xlsx", {"a": ROWS}), "2023.xlsx", "统计局", user)
    mapping = batch.mapping
    for column in mapping["sheets"][0]["columns"][:2]:
        column |= {"target": "", "name": ""}
    with pytest.raises(Refused, match="统一社会信用代码"):
        actions.map_columns(batch, user, mapping=mapping)
    batch.refresh_from_db()
    assert batch.state == Import.State.UPLOADED


def test_a_run_that_was_taken_over_writes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BLOCK", 2)
    rows = [[*HEAD, "营业收入(万元)"], *([*firm(n), n] for n in range(1, 8))]
    batch = actions.receive(xlsx(tmp_path / "2023.xlsx", {"a": rows}), "2023.xlsx", "统计局", None)
    actions.map_columns(batch, None, queue=False)
    first = actions.commit(batch, None, queue=False).job

    def taken_over(done: int, total: int) -> None:
        if done == 4:
            actions.commit(batch, None, queue=False)

    with pytest.raises(work.Overtaken):
        work.run(first, taken_over)
    assert Fact.objects.count() == 4
    batch.refresh_from_db()
    work.run(Job.objects.get(pk=batch.job_id))
    batch.refresh_from_db()
    assert (batch.state, batch.rows_accepted, batch.facts_written, Fact.objects.count()) == ("done", 7, 7, 7)


def test_a_file_that_went_away_fails_the_import_and_it_can_go_on(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "2023.xlsx", {"a": ROWS})
    batch = actions.receive(file, "2023.xlsx", "统计局", None)
    actions.map_columns(batch, None, queue=False)
    batch = actions.commit(batch, None, queue=False)
    kept = Path(batch.file.path)
    kept.rename(tmp_path / "away")
    with pytest.raises(Unreadable, match="没有这个文件"):
        work.run(batch.job)
    batch.refresh_from_db()
    assert (batch.state, batch.job.state) == ("failed", "failed")
    (tmp_path / "away").rename(kept)
    assert "写入4项" in run(file)


def test_rows_that_came_back_can_be_mended_and_sent_in_again(tmp_path: Path) -> None:
    from django.test import Client

    rows = [["2023年度情况（单位：万元、人）"], [*HEAD, "营业收入", "资产负债率", "研发人员"], [*A, 100, 0.5, 5], [*B, "约50", 0.482, 3]]  # fmt: skip
    file = xlsx(tmp_path / "情况.xlsx", {"表": rows}, formats={"D3:D4": "0.0%"})
    run(file)
    client = Client()
    client.force_login(officer())
    answer = client.get(f"/registry/imports/{Import.objects.get().pk}/rejected/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    lines = list(book["表"].iter_rows(values_only=True))
    assert lines[0][1:] == (*HEAD, "营业收入（2023年，万元）", "资产负债率（2023年）", "研发人员（2023年，人）", "原因")
    assert lines[1][:3] == (4, *B)
    assert "准确" in str(lines[1][-1])
    book["表"]["D2"] = 50
    book.save(tmp_path / "改好.xlsx")
    assert run(tmp_path / "改好.xlsx") == "“改好.xlsx”（统计局）：入库1行、写入3项事实。"
    assert {k[1]: v for k, v in facts().items() if k[0] == B[1]} == {
        "营业收入": Decimal(500_000),
        "资产负债率": Decimal("0.482"),
        "研发人员": Decimal(3),
    }
