from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import reauthentication, security_log, session_lifetime

        reauthentication.listen()
        session_lifetime.listen()
        security_log.listen()
