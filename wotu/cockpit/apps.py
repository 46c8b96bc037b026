"""Django app of the cockpit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CockpitConfig(AppConfig):
    name = "wotu.cockpit"
    label = "cockpit"
    verbose_name = _("大屏")
