"""Django app of the policy room; names what it brings to the registers."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "wotu.policy"
    label = "policy"
    verbose_name = _("政策")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the rule folder, the columns, the measures, the verbs (by reading their module), the kinds of work and the tab of 企业画像."""
        from wotu.policy import actions  # noqa: F401 - declares the room's verbs
        from wotu.policy.desk.eligibility import TAB
        from wotu.policy.measures import MEASURES
        from wotu.policy.profile import COLUMNS
        from wotu.policy.tasks import run_screening
        from wotu.registers import columns, jobkinds, measures, rules
        from wotu.registers.jobkinds import JobKind
        from wotu.registry.desk import tabs

        rules.declare("policy", Path(__file__).parent / "rules")
        columns.declare(COLUMNS)
        measures.declare(MEASURES)
        jobkinds.declare((JobKind("screening", _("筛查"), "policy", run_screening.enqueue),))
        tabs.declare(TAB)
