"""文章: what was taken in and how far its review is; a new one pasted or uploaded, one or many at a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.intel import actions, queries, take_in
from wotu.intel.models import Article
from wotu.intel.take_in import Citation, Unreadable
from wotu.intel.tasks import ENDINGS
from wotu.registers.models import Job
from wotu.registers.pages import staff_page
from wotu.registers.verbs import Refused
from wotu.registry.desk import sheet
from wotu.registry.queries import in_blocks

SIZE = 20
LARGEST = 64 * 1024 * 1024
MOST_FILES = 2000
ORDERS = (
    ("created", _("新提交的在前")),
    ("published", _("新发布的在前")),
    ("title", _("按标题")),
)


@staff_page(room="intel", title=_("文章"))
def articles(request: HttpRequest) -> HttpResponseBase:
    """The list; the address holds its filter."""
    asked = {
        "state": request.GET.get("state", ""),
        "search": request.GET.get("q", "").strip()[:100],
        "publisher": request.GET.get("publisher", "")[:100],
        "reprints": request.GET.get("reprints", ""),
        "order": request.GET.get("order", ""),
    }
    found = queries.articles(**asked)
    if request.GET.get("export") == "xlsx":
        return export(found, asked)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "listed": queries.listed(page.object_list),
        "asked": asked,
        "states": Article.State.choices,
        "publishers": queries.publishers(),
        "orders": ORDERS,
        "may": actions.take_in_article.verb.allowed(request.user),
    }
    return render(request, "intel/articles/list.html", context)


def export(found: QuerySet[Article], asked: dict[str, str]) -> HttpResponseBase:
    """The list as .xlsx: the same articles in the same order, every page of it."""
    headers = (
        ("标题", "text"), ("发布者", "text"), ("发布日期", "date"), ("状态", "text"), ("数字", "count"), ("已接受", "count"),
        ("待审", "count"), ("转载自", "text"), ("网址", "text"), ("提交人", "text"), ("提交时间", "text"),
    )  # fmt: skip

    def lines() -> Iterator[list[sheet.Value]]:
        for block in in_blocks(found, sheet.LIMIT, related=("by", "republishes")):
            for line in queries.listed(block):
                a = line.article
                yield [
                    a.title, a.publisher or None, a.published_on, str(a.get_state_display()), line.figures, line.vouched, line.waiting,
                    a.republishes.title if a.republishes else "", a.url, a.by.get_full_name() or a.by.get_username() if a.by else "命令行",
                    timezone.localtime(a.created_at).strftime("%Y-%m-%d %H:%M"),
                ]  # fmt: skip

    notes = (
        ("内容", "收录的文章（只存出处、数字与短引，不存全文）"),
        ("状态", str(dict(Article.State.choices).get(asked["state"], "不限"))),
        ("查找", asked["search"] or "不限"),
        ("发布者", asked["publisher"] or "不限"),
        ("行数", f"{found.count()} 篇"),
        ("导出时间", timezone.localtime().strftime("%Y-%m-%d %H:%M")),
    )
    return sheet.send(f"文章-{timezone.localdate()}", headers, lines(), notes)


@staff_page(room="intel", title=_("收录文章"), by=actions.PROPOSERS)
def new(request: HttpRequest) -> HttpResponse:
    """Paste an article or upload one; several files go to the worker."""
    if request.method != "POST":
        return _form(request)
    files = request.FILES.getlist("files")
    pasted = request.POST.get("text", "")
    try:
        given = _citation(request)
        if len(files) > 1:
            return _load(request, files)
        if files:
            if (files[0].size or 0) > LARGEST:
                raise Unreadable("这份文件超过 64 MB，请只上传正文部分。")
            read = take_in.read_page(files[0].read(), files[0].name or "", given.published_on)
        elif pasted.strip():
            read = take_in.read_pasted(pasted, given.published_on)
        else:
            raise Unreadable("请贴上报道正文，或选择文件。")
        received = actions.receive(take_in.draft(read, given), request.user)
    except (Unreadable, Refused) as problem:
        return _form(request, str(problem), 422)
    if not received.fresh:
        messages.info(request, _("这篇文章已经收录过：打开的是原来的那一篇。"))
    elif received.article.republishes:
        messages.info(request, _("看来转载自《%s》，说法相同的已经对上。") % received.article.republishes.title)
    return redirect("intel:article", id=received.article.pk)


def _form(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "problem": problem,
        "posted": request.POST,
        "accept": ",".join(ENDINGS),
        "publishers": queries.publishers(),
        "today": timezone.localdate(),
    }
    return render(request, "intel/articles/new.html", context, status=status)


def _citation(request: HttpRequest) -> Citation:
    url, day = request.POST.get("url", "").strip(), request.POST.get("published_on", "").strip()
    if url:
        try:
            URLValidator(schemes=("http", "https"))(url)
        except ValidationError:
            raise Refused(f"“{url[:60]}”不是网址，请照浏览器地址栏抄写，以 http 开头。") from None
    try:
        published = date.fromisoformat(day) if day else None
    except ValueError:
        raise Refused(f"“{day}”不是日期，请写成 2021-11-05 的样子。") from None
    return Citation(request.POST.get("title", "").strip(), request.POST.get("publisher", "").strip(), url, published)


def _load(request: HttpRequest, files: list[UploadedFile[Any]]) -> HttpResponse:
    """Lay several files aside for the worker."""
    if len(files) > MOST_FILES:
        raise Refused(f"一次最多 {MOST_FILES} 份文件，请分几次上传。")
    folder = f"intel/{secrets.token_hex(8)}"
    place = Path(settings.MEDIA_ROOT) / folder
    place.mkdir(parents=True)
    names = []
    for number, file in enumerate(files, start=1):
        names.append(f"{number:04d}-{Path(file.name or 'article').name[-80:]}")
        with (place / names[-1]).open("wb") as kept:
            for piece in file.chunks():
                kept.write(piece)
    actions.start_loading(Job(), request.user, names=names, folder=folder)
    messages.success(request, _("%s 份文件已排队，读到哪里可在这里看。") % len(files))
    return redirect("site:jobs")
