"""Django app of the registry; names what it brings to the registers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "wotu.registry"
    label = "registry"
    verbose_name = _("企业")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the columns, the measures, the kinds of work and, by reading the modules that hold them, the verbs."""
        from wotu.registers import columns, jobkinds, measures
        from wotu.registers.jobkinds import JobKind
        from wotu.registry import actions, snapshots, tasks  # noqa: F401 (actions declares its verbs)
        from wotu.registry.measures import MEASURES
        from wotu.registry.profile import COLUMNS

        columns.declare(COLUMNS)
        measures.declare(MEASURES)
        jobkinds.declare(
            (
                JobKind("snapshot", _("快照"), "registry", snapshots.run_snapshot.enqueue),
                JobKind("profile", _("画像表"), "registry"),
                JobKind("import", _("导入"), "registry", tasks.run_import.enqueue),
                JobKind("import_check", _("导入前检查"), "registry", tasks.run_check.enqueue),
            )
        )
