"""Django app of the intelligence room; names what it brings to the registers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntelConfig(AppConfig):
    name = "wotu.intel"
    label = "intel"
    verbose_name = _("情报")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the verbs (by reading their module) and the kinds of work."""
        from wotu.intel import actions  # noqa: F401 - declares the room's verbs
        from wotu.intel.tasks import run_loading
        from wotu.registers import jobkinds
        from wotu.registers.jobkinds import JobKind

        jobkinds.declare((JobKind("articles", _("读文章"), "intel", run_loading.enqueue),))
