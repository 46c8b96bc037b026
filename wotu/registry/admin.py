"""The registry's records in the admin: to be looked at, never edited; what changes them are imports and verbs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from wotu.registers.pages import may_enter
from wotu.registry.desk import show
from wotu.registry.models import (
    Area,
    Attribute,
    ColumnMapping,
    Enterprise,
    EnterpriseKind,
    Fact,
    FormerName,
    Import,
    RejectedRow,
    Snapshot,
    Source,
    ZoneClaim,
)


class Records(ModelAdmin):  # type: ignore[misc]
    """A read-only list and record page, open to the roles whose rooms include `room`."""

    room = ""
    list_per_page = 50
    show_full_result_count = False
    actions = None
    compressed_fields = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request.user, self.room)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_enter(request.user, self.room)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RegistryRecords(Records):
    room = "registry"
    empty_value_display = _("未知")


@admin.register(Enterprise)
class EnterpriseAdmin(RegistryRecords):
    list_display = ("name", "code", "area", "industry", "established_on", "is_demo")
    list_select_related = ("area",)
    list_filter = ("area", "is_demo")
    search_fields = ("name", "code", "former_names__name")
    ordering = ("name", "id")


@admin.register(Area)
class AreaAdmin(RegistryRecords):
    list_display = ("code", "name")


@admin.register(FormerName)
class FormerNameAdmin(RegistryRecords):
    list_display = ("name", "enterprise", "until")
    list_select_related = ("enterprise",)
    search_fields = ("name", "enterprise__name")


@admin.register(EnterpriseKind)
class EnterpriseKindAdmin(RegistryRecords):
    list_display = ("enterprise", "kind", "since", "lasts", "source")
    list_select_related = ("enterprise", "source")
    list_filter = ("kind",)
    search_fields = ("enterprise__name",)

    @admin.display(description=_("至"), ordering="until")
    def lasts(self, kind: EnterpriseKind) -> str:
        return show.value(kind.until) if kind.until else str(_("至今"))


@admin.register(Source)
class SourceAdmin(RegistryRecords):
    list_display = ("name", "kind", "trust", "publisher", "published_on")
    list_filter = ("kind",)
    search_fields = ("name", "publisher")


@admin.register(Attribute)
class AttributeAdmin(RegistryRecords):
    list_display = ("name", "code", "type", "unit", "period_kind", "supplied_by")
    list_filter = ("type", "period_kind", "supplied_by")
    search_fields = ("name", "code", "definition")


@admin.register(Fact)
class FactAdmin(RegistryRecords):
    list_display = ("enterprise", "attribute", "period", "shown", "source", "recorded_at", "current")
    list_select_related = ("enterprise", "attribute", "source")
    search_fields = ("=enterprise__code",)
    paginator = InfinitePaginator
    search_help_text = _("按统一社会信用代码查找")
    ordering = ("-id",)

    @admin.display(description=_("值"))
    def shown(self, fact: Fact) -> str:
        return show.exact(fact.value, fact.attribute.unit)

    @admin.display(description=_("取代时间"), ordering="superseded_at")
    def current(self, fact: Fact) -> str:
        return show.value(timezone.localtime(fact.superseded_at)) if fact.superseded_at else str(_("现行"))


@admin.register(Import)
class ImportAdmin(RegistryRecords):
    list_display = ("name", "source", "state", "rows_total", "rows_accepted", "rows_rejected", "created_at")
    list_select_related = ("source",)
    list_filter = ("state",)


@admin.register(RejectedRow)
class RejectedRowAdmin(RegistryRecords):
    list_display = ("batch", "sheet", "row")
    list_select_related = ("batch",)


@admin.register(ColumnMapping)
class ColumnMappingAdmin(RegistryRecords):
    list_display = ("source", "header", "target", "unit", "updated_at")
    list_select_related = ("source",)
    search_fields = ("header", "target")


@admin.register(Snapshot)
class SnapshotAdmin(RegistryRecords):
    list_display = ("known_at", "enterprises", "facts", "sha256", "created_at")


@admin.register(ZoneClaim)
class ZoneClaimAdmin(RegistryRecords):
    list_display = ("name", "value", "unit", "modifier", "period", "source")
    list_select_related = ("source",)
    search_fields = ("name", "quote")
