from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "voting"
    verbose_name = _("Voting")

    def ready(self) -> None:
        from accounts import actions
        from voting.elections import disabling
        from voting.elections.receipts.actions import publish_closed_ballots_of

        actions.BEFORE_DISABLING.append(disabling.void_votes)
        actions.AFTER_ENABLING.append(disabling.restore_votes)
        actions.BEFORE_RENAMING.append(publish_closed_ballots_of)
