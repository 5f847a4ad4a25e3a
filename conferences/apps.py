from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConferencesConfig(AppConfig):
    name = "conferences"
    verbose_name = _("Conferences")

    def ready(self) -> None:
        from accounts import audit_log
        from accounts.my_data import parts
        from conferences import my_data
        from conferences.joining.dashboard import REQUESTS
        from conferences.teams import my_data as team_data
        from conferences.teams.dashboard import WAITING
        from conferences.teams.scopes import conference_id_of

        audit_log.CONFERENCE_ID_OF.append(conference_id_of)
        WAITING.append(REQUESTS)
        parts.register(my_data.PART)
        parts.register(team_data.PART)
