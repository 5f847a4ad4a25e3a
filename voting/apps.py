from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "voting"
    verbose_name = _("Voting")

    def ready(self) -> None:
        from accounts import actions
        from conferences import page_parts
        from voting.campaigns.result_announcement import announce_result
        from voting.campaigns.window_notices import notify_members
        from voting.elections import actions as election_actions
        from voting.elections import conference_page, disabling, window
        from voting.elections.receipts.actions import publish_closed_ballots_of

        actions.BEFORE_DISABLING.append(disabling.void_votes)
        actions.AFTER_ENABLING.append(disabling.restore_votes)
        actions.BEFORE_RENAMING.append(publish_closed_ballots_of)
        election_actions.AFTER_ACCEPTING.append(announce_result)
        window.AFTER_CHANGING.append(notify_members)
        page_parts.PARTS.append(conference_page.PART)
        page_parts.STANDINGS.append(conference_page.standings)
