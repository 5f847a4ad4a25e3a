from django.apps import AppConfig
from django.db.backends.signals import connection_created

from confbox.kit import refusals, search, sorting


class KitConfig(AppConfig):
    name = "confbox.kit"

    def ready(self) -> None:
        # It has fields, which can only be imported now.
        from confbox.kit import mailbox_columns

        search.register()
        refusals.register()
        connection_created.connect(sorting.add_to_sqlite)
        connection_created.connect(mailbox_columns.add_to_sqlite)
