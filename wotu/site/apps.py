"""Django app of the shell: home page, desk, command."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "wotu.site"
    label = "wotu_site"
    verbose_name = _("沃土")

    def ready(self) -> None:
        """Declare the one kind of work of the shell's own: bringing up the demonstration zone, which `wotu demo` resumes."""
        from wotu.registers import jobkinds
        from wotu.registers.jobkinds import JobKind

        jobkinds.declare((JobKind("demo", _("演示园区")),))
