"""全部记录: every kind of stored record, to be looked at; for whoever must see the tables behind the pages."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from wotu.registers.pages import STAFF, staff_page
from wotu.registers.roles import ADMIN, AUDITOR


@staff_page(room=STAFF, title=_("全部记录"), by=(ADMIN, AUDITOR))
def records(request: HttpRequest) -> HttpResponse:
    """The kinds of records by room, each opening its list."""
    return render(request, "site/records.html", {"rooms": admin.site.get_app_list(request)})
