"""Django app of the shell: home page, desk, command."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "wotu.site"
    label = "wotu_site"
    verbose_name = "沃土"
