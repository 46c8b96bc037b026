"""Django app of the registers: it stores the audit lines and the jobs that verbs leave behind."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "wotu.registers"
    label = "registers"
    verbose_name = "登记"
    default_auto_field = "django.db.models.BigAutoField"
