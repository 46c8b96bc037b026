"""The policy room's records in the admin: to be looked at; editions come from rule files, screenings from runs."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wotu.policy.models import ClauseEvidence, Edition, Policy, Screening, ScreeningRule
from wotu.registry.admin import Records


class PolicyRecords(Records):
    room = "policy"
    empty_value_display = _("没有")


@admin.register(Policy)
class PolicyAdmin(PolicyRecords):
    list_display = ("name", "issuer", "kind")
    search_fields = ("name", "issuer")


@admin.register(Edition)
class EditionAdmin(PolicyRecords):
    list_display = ("policy", "edition", "effective_from", "effective_to", "documents", "rule_file")
    list_select_related = ("policy",)
    search_fields = ("policy__name", "documents")


@admin.register(ClauseEvidence)
class ClauseEvidenceAdmin(PolicyRecords):
    list_display = ("edition", "clause", "state", "checked_by", "checked_at", "note")
    list_select_related = ("edition__policy", "checked_by")
    list_filter = ("state",)
    search_fields = ("clause", "edition__policy__name")


@admin.register(Screening)
class ScreeningAdmin(PolicyRecords):
    list_display = ("as_of", "known_at", "state", "enterprises", "seconds", "rules_hash", "started_at")
    list_filter = ("state",)


@admin.register(ScreeningRule)
class ScreeningRuleAdmin(PolicyRecords):
    list_display = ("screening", "edition", "eligible", "near_miss", "unknown", "not_eligible", "amount", "engine")
    list_select_related = ("screening", "edition__policy")
