"""The intelligence room's records in the admin: to be looked at; verbs change them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wotu.intel.models import Article, Claim, Event, Structure, Target
from wotu.registry.admin import Records


class IntelRecords(Records):
    room = "intel"
    empty_value_display = _("没有")


@admin.register(Article)
class ArticleAdmin(IntelRecords):
    list_display = ("title", "publisher", "published_on", "state", "characters", "by", "created_at")
    list_select_related = ("by",)
    list_filter = ("state",)
    search_fields = ("title", "publisher")


@admin.register(Claim)
class ClaimAdmin(IntelRecords):
    list_display = ("series", "value", "unit", "period", "about", "status", "state", "decided_by", "article")
    list_select_related = ("article", "decided_by")
    list_filter = ("state", "about", "status")
    search_fields = ("series", "quote")


@admin.register(Event)
class EventAdmin(IntelRecords):
    list_display = ("name", "kind", "period", "place", "state", "article")
    list_select_related = ("article",)
    list_filter = ("state", "kind")
    search_fields = ("name", "quote")


@admin.register(Structure)
class StructureAdmin(IntelRecords):
    list_display = ("name", "state", "article")
    list_select_related = ("article",)


@admin.register(Target)
class TargetAdmin(IntelRecords):
    list_display = ("series", "value", "unit", "period", "due_on", "source")
    list_select_related = ("source",)
    search_fields = ("series",)
