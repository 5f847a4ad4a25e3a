from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from confbox.kit.table_changes import PatientChanges


class Command(migrate.Command):
    """Django's command, but no change of a table keeps the site waiting for long."""

    def handle(self, *args: Any, **options: Any) -> None:
        self.changes = PatientChanges()
        connection = connections[options["database"]]
        # A new connection may get wrappers of its own, and only the last one is taken out at the end.
        connection.ensure_connection()
        with connection.execute_wrapper(self.changes):
            super().handle(*args, **options)

    def migration_progress_callback(self, action: str, *args: Any, **options: Any) -> None:
        if action == "apply_start":
            self.changes.begin_migration()
        super().migration_progress_callback(action, *args, **options)
