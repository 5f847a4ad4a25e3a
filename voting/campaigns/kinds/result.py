"""Who will speak. Every member must get it, including those who opted out of campaigns."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conferences.models import Conference
from voting.campaigns.kinds.kind import CampaignKind, Draft, nothing_against, while_active
from voting.campaigns.models import Campaign
from voting.elections.election.models import VotingState


def _refusal_to_send(campaign: Campaign, at: datetime) -> str:
    if refusal := while_active(campaign, at):
        return refusal
    is_decided = campaign.conference.election.state(at) == VotingState.DECIDED
    return "" if is_decided else _("There is no result yet.")


def _is_decided(conference: Conference) -> bool:
    return conference.election.decided_at is not None


def _action_path(campaign: Campaign) -> str:
    return reverse("results", args=[campaign.conference.slug])


RESULT = CampaignKind(
    code=Campaign.Kind.RESULT,
    draft=Draft(
        link=gettext_lazy("Email: result"),
        subject=gettext_lazy("The speaker of %(conference)s"),
        message=gettext_lazy("The speaker has been chosen. See the result and how it came about."),
        is_offered=_is_decided,
    ),
    can_be_unsubscribed=False,
    origin=gettext_lazy("The result of %(conference)s"),
    why=gettext_lazy("Sent by the organisers to every member."),
    action=gettext_lazy("See the result"),
    action_path=_action_path,
    refusal_to_send=_refusal_to_send,
    refusal_to_announce=nothing_against,
)
