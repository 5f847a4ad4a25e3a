from django.apps import AppConfig
from django.db.backends.signals import connection_created


class WatchingConfig(AppConfig):
    name = "confbox.watching"

    def ready(self) -> None:
        from confbox.watching.slow_queries import watch_queries

        connection_created.connect(watch_queries)
