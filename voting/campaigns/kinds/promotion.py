"""A member asks the others to vote for them."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.coded import coded
from conferences.models import Membership
from voting.campaigns.kinds.kind import CampaignKind, ballot_path, until_voting_closes
from voting.campaigns.models import Campaign
from voting.elections.models import Pitch


def starting_text(pitch: Pitch | None) -> dict[str, str]:
    """The pitch, as the first draft of a campaign."""
    return {"subject": pitch.headline, "message": pitch.statement} if pitch else {}


def _refusal_to_send(campaign: Campaign, at: datetime) -> str:
    if refusal := until_voting_closes(campaign, at):
        return refusal
    is_candidate = Membership.objects.candidates().filter(campaigns=campaign).exists()
    if not is_candidate:
        return coded("not_a_candidate", _("The member who asked for it can no longer be voted for."))
    is_covered = Pitch.objects.covered().filter(membership=campaign.candidate_id).exists()
    return (
        coded(
            "pitch_being_checked", _("The organisers are checking the pitch of the member who asked for it.")
        )
        if is_covered
        else ""
    )


def _action_path(campaign: Campaign) -> str:
    if not campaign.candidate_id:
        return ballot_path(campaign)
    return reverse("member", args=[campaign.conference.slug, campaign.candidate_id])


PROMOTION = CampaignKind(
    code=Campaign.Kind.PROMOTION,
    origin=gettext_lazy("A campaign by %(candidate)s, a member of %(conference)s"),
    why=gettext_lazy("%(candidate)s asked for this campaign, and the organisers approved it."),
    action=gettext_lazy("See the candidate"),
    action_path=_action_path,
    refusal_to_send=_refusal_to_send,
    notifies_requester=True,
)
