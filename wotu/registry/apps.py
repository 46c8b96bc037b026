"""Django app of the registry; names what it brings to the registers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "wotu.registry"
    label = "registry"
    verbose_name = _("企业")
    default_auto_field = "django.db.models.BigAutoField"
