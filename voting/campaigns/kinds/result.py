"""Who will speak: sent automatically once the speaker has accepted, and never written by hand.

Every member must get it, including those who opted out of campaigns.
"""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.coded import coded
from voting.campaigns.kinds.kind import CampaignKind, nothing_against, while_active
from voting.campaigns.models import Campaign
from voting.elections.election.models import VotingState


def _refusal_to_send(campaign: Campaign, at: datetime) -> str:
    if refusal := while_active(campaign, at):
        return refusal
    is_decided = campaign.conference.election.state(at) == VotingState.DECIDED
    return "" if is_decided else coded("voting_not_over", _("There is no result yet."))


def _action_path(campaign: Campaign) -> str:
    return reverse("results", args=[campaign.conference.slug])


RESULT = CampaignKind(
    code=Campaign.Kind.RESULT,
    can_be_unsubscribed=False,
    origin=gettext_lazy("The result of %(conference)s"),
    why=gettext_lazy("Sent once to every member, when the speaker has accepted."),
    action=gettext_lazy("See the result"),
    action_path=_action_path,
    refusal_to_send=_refusal_to_send,
    refusal_to_announce=nothing_against,
)
