"""数据接入: from the upload to the result, who may, what is refused where, and in how many queries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.registry.intake.sheets import HEAD, firm, xlsx
from tests.registry.test_desk import login
from wotu.registers.models import AuditLine, Job
from wotu.registers.roles import ADMIN, LEADER, POLICY_OFFICER
from wotu.registry import tasks
from wotu.registry.models import Enterprise, Fact, Import, Source

pytestmark = pytest.mark.django_db
MOST = 20
ROWS = [[*HEAD, "甲项", "营业收入（万元）"], [*firm(1), 5, 100], [*firm(2), 6, "约50"], ["某公司", "", 7, 1]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the worker is asked to do; `work(sent)` does it."""
    asked: list[Any] = []
    for task in (tasks.run_check, tasks.run_import):
        monkeypatch.setattr(type(task), "enqueue", lambda self, id: asked.append((self, id)))
    return asked


def work(sent: list[Any]) -> None:
    while sent:
        task, id = sent.pop(0)
        task.func(id)


def upload(client: Client, path: Path, source: str = "统计局", rows: list[list[Any]] = ROWS) -> Any:
    return send(client, xlsx(path / "2023.xlsx", {"表": rows}), source)


def send(client: Client, file: Path, source: str = "统计局") -> Any:
    content = SimpleUploadedFile("2023.xlsx", file.read_bytes())
    return client.post("/registry/imports/upload/", {"file": content, "source": source})


def form(batch: Import, **changes: str) -> dict[str, str]:
    """The mapping form as the page shows it, with changes."""
    sheet = batch.mapping["sheets"][0]
    made = {"period-0": sheet["period"]}
    for column in sheet["columns"]:
        taken = column["name"] if column["target"] and column["confidence"] >= 0.7 else ""
        made |= {f"{k}-0-{column['index']}": v for k, v in (("target", taken), ("unit", column["unit"]), ("period", column["period"]))}  # fmt: skip
    return made | changes


def queries(client: Client, address: str) -> tuple[str, int]:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode(), len(caught)


def test_from_upload_to_result(tmp_path: Path, sent: list[Any]) -> None:
    client = login(POLICY_OFFICER.name)
    answer = upload(client, tmp_path)
    batch = Import.objects.get()
    address = f"/registry/imports/{batch.pk}/"
    assert answer["Location"] == address
    html = client.get(address).content.decode()
    assert "没认出" in html
    assert 'value="营业收入"' in html
    assert Fact.objects.count() == 0
    client.post(f"{address}map/", form(batch, **{"target-0-2": "研发费用", "unit-0-2": "万元"}))
    assert "正在逐行检查" in client.get(address).content.decode()
    work(sent)
    html = client.get(address).content.decode()
    assert "入库 1 行，退回 2 行" in html
    assert "不是数" in html
    assert Fact.objects.count() == 0
    client.post(f"{address}commit/")
    assert "正在入库" in client.get(address).content.decode()
    work(sent)
    html = client.get(address).content.decode()
    assert "已入库" in html
    assert set(Fact.objects.values_list("attribute__code", "number")) == {
        ("rd_expense", 50_000),
        ("revenue", 1_000_000),
    }
    assert list(AuditLine.objects.order_by("id").values_list("verb", flat=True)) == ["registry.upload", "registry.map", "registry.commit"]  # fmt: skip
    assert {fact.by.username for fact in Fact.objects.all()} == {"u0"}


def test_problems_can_be_looked_at_by_kind(tmp_path: Path, sent: list[Any]) -> None:
    client = login(POLICY_OFFICER.name)
    upload(client, tmp_path)
    batch = Import.objects.get()
    client.post(f"/registry/imports/{batch.pk}/map/", form(batch))
    work(sent)
    html = client.get(f"/registry/imports/{batch.pk}/?kind=缺信用代码").content.decode()
    table = html.split("<tbody>")[1]
    assert "没有统一社会信用代码" in table
    assert "约50" not in table


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target-0-2": "研发肥用"}, "是不是“研发费用”"),
        ({"target-0-0": "", "target-0-1": ""}, "没有一列对应"),
        ({"period-0": "去年"}, "不是期间"),
        ({"unit-0-3": "人"}, "不适合"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_what_was_typed(
    tmp_path: Path, sent: list[Any], changes: dict[str, str], words: str
) -> None:
    client = login(POLICY_OFFICER.name)
    upload(client, tmp_path)
    batch = Import.objects.get()
    answer = client.post(f"/registry/imports/{batch.pk}/map/", form(batch, **changes))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    for typed in filter(None, changes.values()):
        assert f'value="{typed}"' in html
    batch.refresh_from_db()
    assert (batch.state, sent) == (Import.State.UPLOADED, [])


def test_a_file_that_cannot_be_read_is_said_beside_the_form(tmp_path: Path) -> None:
    client = login(POLICY_OFFICER.name)
    file = SimpleUploadedFile("报表.xlsx", b"%PDF-1.4")
    answer = client.post("/registry/imports/upload/", {"file": file, "source": "统计局"})
    assert answer.status_code == 422
    assert "报表.xlsx：这是PDF 文件，不是表格" in answer.content.decode()
    assert (Import.objects.count(), Source.objects.count()) == (0, 0)
    answer = client.post("/registry/imports/upload/", {"source": "统计局"})
    assert "请选择一份表格" in answer.content.decode()


def test_the_same_file_opens_the_same_import(tmp_path: Path) -> None:
    client = login(ADMIN.name)
    file = xlsx(tmp_path / "2023.xlsx", {"表": ROWS})  # written once: a workbook keeps the second in which it was saved
    first, second = send(client, file), send(client, file)
    assert first["Location"] == second["Location"]
    assert Import.objects.count() == 1


def test_who_only_looks_sees_imports_but_no_way_to_make_one(tmp_path: Path, sent: list[Any]) -> None:
    upload(login(POLICY_OFFICER.name), tmp_path)
    batch = Import.objects.get()
    client = login(LEADER.name)
    assert "im-upload" not in client.get("/registry/imports/").content.decode()
    assert client.get(f"/registry/imports/{batch.pk}/").status_code == 200
    for answer in (
        upload(client, tmp_path),
        client.post(f"/registry/imports/{batch.pk}/map/", form(batch)),
        client.post(f"/registry/imports/{batch.pk}/commit/"),
    ):
        assert answer.status_code == 403
    assert sent == []


@pytest.mark.parametrize(
    "left",
    [{"state": "failed", "message": "断电了"}, {"state": "running", "beat_at": timezone.now() - timedelta(hours=1)}],
)
def test_an_import_that_was_interrupted_offers_to_go_on(tmp_path: Path, sent: list[Any], left: dict[str, Any]) -> None:
    client = login(POLICY_OFFICER.name)
    upload(client, tmp_path)
    batch = Import.objects.get()
    client.post(f"/registry/imports/{batch.pk}/map/", form(batch))
    work(sent)
    client.post(f"/registry/imports/{batch.pk}/commit/")
    sent.clear()
    Job.objects.filter(kind="import").update(**left)
    html = client.get(f"/registry/imports/{batch.pk}/").content.decode()
    assert left.get("message", "后台中断了") in html
    assert "接着入库" in html
    client.post(f"/registry/imports/{batch.pk}/commit/")
    work(sent)
    assert (Fact.objects.count(), Enterprise.objects.count()) == (1, 1)


def test_pages_keep_to_their_queries_however_many_imports_there_are(tmp_path: Path, sent: list[Any]) -> None:
    client = login(POLICY_OFFICER.name)
    rows = [ROWS[0], *([*firm(n), 1, "约1"] for n in range(60))]
    upload(client, tmp_path, rows=rows)
    batch = Import.objects.get()
    client.post(f"/registry/imports/{batch.pk}/map/", form(batch))
    work(sent)
    _, few = queries(client, "/registry/imports/")
    for n in range(30):
        source = Source.objects.create(name=f"来源{n}", kind=Source.Kind.SHEET)
        Import.objects.create(name=f"{n}.xlsx", sha256=str(n), source=source, file="x")
    html, many = queries(client, "/registry/imports/?q=xlsx")
    assert few == many <= MOST
    assert "1 / 2 页" in html
    html, count = queries(client, f"/registry/imports/{batch.pk}/")
    assert count <= MOST
    assert html.count("<tr data-row>") == 50
    assert queries(client, f"/registry/imports/{batch.pk}/?map=1")[1] <= MOST
