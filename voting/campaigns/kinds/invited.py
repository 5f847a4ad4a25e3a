"""What those who were invited and have not joined read of a change that members are notified of."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext_lazy

from conferences.memberships.roster.models import RosterEntryQuerySet
from voting.campaigns.kinds.invitation import READER, vote_in_words
from voting.campaigns.kinds.kind import CampaignKind, no_attachments
from voting.campaigns.models import Campaign


def to_invited(
    kind: CampaignKind, *, code: Campaign.Kind, message: Callable[[Campaign], str] | None = None
) -> CampaignKind:
    """The same email with a link to the recipient's own invitation, and one to get no more of them."""
    return replace(
        kind,
        code=code,
        roster_audience=_who_might_join,
        # They have no account in which to switch it off, so each email has a link for that.
        can_be_unsubscribed=True,
        is_notice=True,
        message=message or kind.message,
        attachments=no_attachments,
        deadline=_when_they_vote,
        reader=READER,
        why=gettext_lazy("Sent to everyone who was invited and has not joined."),
        action=gettext_lazy("See your invitation"),
    )


def _who_might_join(_campaign: Campaign, entries: RosterEntryQuerySet) -> RosterEntryQuerySet:
    """Without those who have joined and left again."""
    return entries.invited().filter(membership=None)


def _when_they_vote(campaign: Campaign) -> str:
    return vote_in_words(campaign.conference)
