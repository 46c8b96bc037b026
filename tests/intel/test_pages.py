"""The room's pages: who opens them, in how many queries, what they show, and that nothing pasted is ever markup."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.intel.conftest import TEXT, claim, taken_in
from wotu.intel import actions
from wotu.intel.desk.marks import pieces
from wotu.intel.models import Article, Claim, ReviewText
from wotu.intel.tasks import run_loading
from wotu.registers.models import Job
from wotu.registers.roles import INVESTMENT_OFFICER, LEADER, POLICY_OFFICER, REVIEWER, SITE_OPERATOR, Role

SignIn = Callable[[Role], Client]
MOST = 20
"""Queries a page may take."""


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200, address
    return len(caught)


def test_every_page_keeps_to_its_queries(article: Article, reviewer: User, officer: User, signed_in: SignIn) -> None:
    actions.accept_all(article, reviewer)
    for number in range(1, 9):
        text = TEXT.replace("5家", f"{number + 5}家").replace("科技企业家底", f"第{number}本账")
        other = taken_in(text, officer, publisher=f"第{number}报")
        if number % 2:
            actions.accept_all(other, reviewer)
    client, waiting = signed_in(REVIEWER), Article.objects.filter(state="review").first()
    assert waiting is not None
    figure = claim(article, "国家高新技术企业").published_id
    for address in (
        "/intel/articles/", "/intel/articles/?q=高新", "/intel/articles/new/", f"/intel/articles/{waiting.pk}/",
        f"/intel/articles/{article.pk}/", "/intel/check/", "/intel/check/?show=off",
        "/intel/check/series/?name=国家高新技术企业", f"/intel/check/{figure}/", "/intel/articles/?export=xlsx",
    ):  # fmt: skip
        assert queries(client, address) <= MOST, address


def test_a_leader_reads_and_may_do_nothing(article: Article, signed_in: SignIn) -> None:
    client = signed_in(LEADER)
    html = client.get(f"/intel/articles/{article.pk}/").content.decode()
    assert "国家高新技术企业" in html
    assert 'data-key="a"' not in html
    assert 'data-key="e"' not in html
    assert client.get("/intel/articles/new/").status_code == 403
    one = article.claims.first()
    assert one is not None
    assert client.post(f"/intel/claim/{one.pk}/decide/accept/").status_code == 403


def test_an_officer_proposes_changes_only(article: Article, signed_in: SignIn) -> None:
    html = signed_in(INVESTMENT_OFFICER).get(f"/intel/articles/{article.pk}/").content.decode()
    assert 'data-key="e"' in html
    assert 'data-key="a"' not in html
    assert "其余全部接受" not in html


def test_the_room_is_closed_to_others(article: Article, signed_in: SignIn) -> None:
    assert signed_in(SITE_OPERATOR).get("/intel/articles/").status_code == 403
    assert signed_in(SITE_OPERATOR).get("/intel/check/").status_code == 403


def test_scripts_are_never_kept_nor_run(zone: object, signed_in: SignIn) -> None:
    page = (
        "<html><head><title>企业家底</title><script>alert('进来了')</script></head><body onload=\"alert(1)\"><article><p>截至目前，"
        "苏州高新区集聚上市企业22家。<img src=x onerror=alert(2)></p></article></body></html>"
    )
    answer = signed_in(POLICY_OFFICER).post("/intel/articles/new/", {"text": page, "publisher": "甲报"})
    article = Article.objects.get()
    assert answer["Location"] == f"/intel/articles/{article.pk}/"
    kept = ReviewText.objects.get(article=article).text
    assert "alert" not in kept
    assert "<" not in kept


def test_what_looks_like_markup_is_shown_as_text(zone: object, officer: User, signed_in: SignIn) -> None:
    article = taken_in("截至目前，苏州高新区上市企业22家，口号是<script>alert(1)</script>一往无前。", officer)
    html = signed_in(REVIEWER).get(f"/intel/articles/{article.pk}/").content.decode()
    assert "<script>alert(1)" not in html


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "  "}, "请贴上报道正文"),
        ({"text": "今天天气很好。"}, "没有读出任何数字或事件"),
        ({"text": TEXT, "published_on": "2021-02-30"}, "“2021-02-30”不是日期"),
        ({"text": TEXT, "url": "javascript:alert(1)"}, "不是网址"),
    ],
)
def test_bad_input_is_said_in_one_sentence_and_nothing_is_lost(
    zone: object, signed_in: SignIn, sent: dict[str, str], said: str
) -> None:
    answer = signed_in(POLICY_OFFICER).post("/intel/articles/new/", sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert sent["text"].strip()[:20] in html
    assert not Article.objects.exists()


def test_an_upload_that_cannot_be_read_says_why(zone: object, signed_in: SignIn) -> None:
    file = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    answer = signed_in(POLICY_OFFICER).post("/intel/articles/new/", {"files": file})
    assert answer.status_code == 422
    assert "这是图片" in answer.content.decode()


def test_gbk_is_read_as_utf8_is(zone: object, signed_in: SignIn) -> None:
    client = signed_in(POLICY_OFFICER)
    client.post("/intel/articles/new/", {"files": SimpleUploadedFile("a.txt", TEXT.encode("gbk"))})
    client.post("/intel/articles/new/", {"files": SimpleUploadedFile("b.txt", TEXT.encode())})
    assert Article.objects.count() == 1


def test_many_files_are_read_in_the_worker(zone: object, signed_in: SignIn, settings: object) -> None:
    files = [
        SimpleUploadedFile(f"{n}.txt", TEXT.replace("5家", f"{n}0家").replace("家底", f"第{n}本账").encode())
        for n in range(1, 4)
    ]
    files += [SimpleUploadedFile("again.txt", TEXT.replace("5家", "10家").replace("家底", "第1本账").encode())]
    files += [SimpleUploadedFile("empty.txt", b" ")]
    answer = signed_in(POLICY_OFFICER).post("/intel/articles/new/", {"files": files})
    assert answer["Location"] == "/jobs/"
    job = Job.objects.get(kind="articles")
    run_loading.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 5, 5)
    assert job.message.startswith("读了 5 份：收录 3 篇")
    assert "已有 1 篇，没有收录 1 份：0005-empty.txt：这一页是空的" in job.message
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.txt"))  # type: ignore[attr-defined]


def test_a_stopped_load_goes_on_where_it_was(zone: object, officer: User, settings: object) -> None:
    folder = Path(settings.MEDIA_ROOT) / "intel/x"  # type: ignore[attr-defined]
    folder.mkdir(parents=True)
    (folder / "2.txt").write_text(TEXT, encoding="utf-8")
    counts = {"new": 1, "known": 0, "reprints": 0, "refused": []}
    job = Job.objects.create(
        kind="articles", title="读", by=officer, total=2, done=1, cursor={"done": 1, "counts": counts},
        arguments={"folder": "intel/x", "names": ["1.txt", "2.txt"]},
    )  # fmt: skip
    run_loading.func(job.pk)
    job.refresh_from_db()
    assert (job.done, job.message) == (2, "读了 2 份：收录 2 篇（疑似转载 0 篇），已有 0 篇。")


def test_marks_cover_exactly_the_quotes(article: Article) -> None:
    review = ReviewText.objects.get(article=article)
    claims = list(article.claims.all())
    cut = pieces(review, claims)
    assert "".join(piece.text for piece in cut) == TEXT
    for one in claims:
        assert "".join(p.text for p in cut if f"claim-{one.pk}" in p.marks) == one.quote


def test_a_correction_is_shown_beside_what_was_read(article: Article, signed_in: SignIn) -> None:
    hte = claim(article, "国家高新技术企业")
    client = signed_in(REVIEWER)
    answer = client.post(f"/intel/claims/{hte.pk}/edit/", {"value": "3"}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert "改后接受" in html
    assert "原来读作 数值：5" in html
    assert 'hx-swap-oob="true"' in html


def test_a_bad_correction_says_how_to_write_it(article: Article, signed_in: SignIn) -> None:
    hte = claim(article, "国家高新技术企业")
    client = signed_in(REVIEWER)
    for sent, said in (
        ({"value": "1,23,4x"}, "不是数"),
        ({"period": "2021-13"}, "不是期间"),
        ({"modifier": "很"}, "修饰只能是"),
    ):
        answer = client.post(f"/intel/claims/{hte.pk}/edit/", sent, headers={"HX-Request": "true"})
        assert said in answer.content.decode()
    assert claim(article, "国家高新技术企业").open


def test_the_list_is_exported_as_shown(article: Article, signed_in: SignIn) -> None:
    answer = signed_in(REVIEWER).get("/intel/articles/?state=review&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    [_head, row] = book["清单"].iter_rows(values_only=True)
    assert row[0] == "苏州高新区晒出科技企业家底"
    assert row[4] == Claim.objects.filter(article=article).count()


def test_the_cross_check_opens_a_difference(article: Article, reviewer: User, signed_in: SignIn) -> None:
    actions.accept_all(article, reviewer)
    client = signed_in(LEADER)
    figure = claim(article, "国家高新技术企业").published
    assert figure is not None
    html = client.get(f"/intel/check/{figure.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "✗ 不符" in html
    assert "打开台账名单" in html
    assert f"/intel/articles/{article.pk}/#claim-" in html
    assert "情报审核" in html
