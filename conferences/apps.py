from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConferencesConfig(AppConfig):
    name = "conferences"
    verbose_name = _("Conferences")

    def ready(self) -> None:
        from accounts import actions, audit_log, nightly, sessions
        from confbox.kit.api.problems import register
        from conferences.actions import AFTER_PUBLISHING
        from conferences.api.problems import PROBLEMS
        from conferences.api_tokens.ending import delete_old_tokens, end_tokens_of
        from conferences.audit_words import add_words
        from conferences.changes.actions import notify_of_publishing_again
        from conferences.changes.consequences import ALREADY_THERE
        from conferences.changes.links import ACTS
        from conferences.consent.dashboard import CONSENT
        from conferences.copying.links import COPY
        from conferences.joining.dashboard import REQUESTS
        from conferences.merging.likeness import warnings_of_publishing
        from conferences.merging.links import MERGING
        from conferences.organising.checklist import KINDS
        from conferences.organising.tabs import MORE, TABS
        from conferences.overview.lines import OWN
        from conferences.teams.backend import IS_IN_TEAM
        from conferences.teams.dashboard import WAITING
        from conferences.teams.scopes import conference_id_of
        from conferences.webhooks.links import WEBHOOKS

        add_words()
        register(PROBLEMS)
        sessions.KNOWN_OF_EACH["is_in_team"] = IS_IN_TEAM
        actions.WITH_SESSIONS.append(end_tokens_of)
        nightly.AT_NIGHT.append(delete_old_tokens)
        audit_log.CONFERENCE_ID_OF.append(conference_id_of)
        WAITING.extend([REQUESTS, CONSENT])
        KINDS.extend(OWN)
        MORE.extend([COPY, MERGING, *ACTS])
        TABS.append(WEBHOOKS)
        ALREADY_THERE.append(warnings_of_publishing)
        AFTER_PUBLISHING.append(notify_of_publishing_again)
        _register_my_data()
        _register_for_gone_conferences()


def _register_my_data() -> None:
    from accounts.my_data import parts
    from conferences import my_data
    from conferences.api_tokens import my_data as token_data
    from conferences.consent import my_data as consent_data
    from conferences.teams import my_data as team_data

    parts.register(my_data.PART)
    parts.register(team_data.PART)
    parts.register(consent_data.PART)
    parts.register(token_data.PART)


def _register_for_gone_conferences() -> None:
    """Those that are deleted, or merged into another one."""
    from conferences.api_tokens import merging as tokens
    from conferences.changes.deletion import OF_DELETING
    from conferences.merging.actions import BEFORE_MOVING, WITH_MEMBERS
    from conferences.merging.consequences import OF_MERGING
    from conferences.webhooks import ending as webhooks

    OF_DELETING.append(webhooks.consequences_of_deleting)
    OF_MERGING.extend([webhooks.consequences_of_merging, tokens.consequences_of_merging])
    BEFORE_MOVING.append(webhooks.move_webhooks)
    WITH_MEMBERS.append(tokens.move_tokens)
