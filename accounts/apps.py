from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from accounts import search, sorting


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        search.register()
        connection_created.connect(sorting.add_to_sqlite)
        from accounts import reauthentication, security_log, session_lifetime

        reauthentication.listen()
        session_lifetime.listen()
        security_log.listen()
