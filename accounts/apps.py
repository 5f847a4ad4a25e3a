from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import linked_addresses, reauthentication, security_log, session_lifetime, sessions
        from accounts.api.problems import PROBLEMS
        from confbox.kit.api.problems import register

        sessions.KNOWN_OF_EACH["has_confirmed_address"] = linked_addresses.HAS_CONFIRMED
        reauthentication.listen()
        session_lifetime.listen()
        security_log.listen()
        register(PROBLEMS)
