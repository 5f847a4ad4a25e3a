"""The organisers introduce all candidates who have a pitch."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.coded import coded
from conferences.models import Conference, Membership
from voting.campaigns.kinds.kind import CampaignKind, Draft, until_voting_closes
from voting.campaigns.models import Campaign
from voting.elections.models import Pitch


def _pitches(conference: Conference) -> list[dict[str, Any]]:
    candidates = Membership.objects.candidates().filter(conference=conference)
    pitches = Pitch.objects.filter(membership__in=candidates).select_related("membership__user")
    if not pitches:
        raise ValidationError(_("No candidate has a pitch, so there is nothing to send."), code="no_pitch")
    if any(pitch.is_covered for pitch in pitches):
        raise ValidationError(_being_checked(), code="pitch_being_checked")
    return [
        {
            "member": pitch.membership_id,
            "name": pitch.membership.user.name,
            "profession": pitch.membership.profile.shown_profession,
            "headline": pitch.headline,
            "statement": pitch.statement,
        }
        for pitch in pitches.order_by("membership")
    ]


def _being_checked() -> str:
    return coded(
        "pitch_being_checked",
        _(
            "A pitch in this email is covered until a second person has decided whether to hide it. Please "
            "write a new one after that."
        ),
    )


def _refusal_to_approve(campaign: Campaign) -> str:
    candidates = Membership.objects.candidates().filter(conference=campaign.conference, pitch__isnull=False)
    if {pitch["member"] for pitch in campaign.pitches} == set(candidates.values_list("pk", flat=True)):
        return ""
    return coded(
        "outdated",
        _(
            "Candidates have joined or left since this email was written. It must contain "
            "every pitch, so please refuse it and write a new one."
        ),
    )


def _refusal_to_send(campaign: Campaign, at: datetime) -> str:
    if refusal := until_voting_closes(campaign, at):
        return refusal
    authors = Membership.objects.filter(pk__in=[pitch["member"] for pitch in campaign.pitches])
    if authors.filter(pitch_hidden_at__isnull=False).exists():
        return coded(
            "pitch_hidden", _("It contains a pitch that has been hidden since, so please write a new one.")
        )
    return _being_checked() if Pitch.objects.covered().filter(membership__in=authors).exists() else ""


CANDIDATES = CampaignKind(
    code=Campaign.Kind.CANDIDATES,
    draft=Draft(
        link=gettext_lazy("Email: meet the candidates"),
        subject=gettext_lazy("Meet the candidates of %(conference)s"),
        message=gettext_lazy("These members would like to be the speaker. Read what they say, and vote."),
        note=gettext_lazy(
            "It contains the pitch of every candidate. If yours is among them, another "
            "organiser has to approve it."
        ),
    ),
    pitches=_pitches,
    origin=gettext_lazy("The candidates of %(conference)s"),
    why=gettext_lazy(
        "Sent by the organisers. The candidates are in a random order that is different for every member."
    ),
    action=gettext_lazy("Go to the ballot"),
    refusal_to_send=_refusal_to_send,
    refusal_to_approve=_refusal_to_approve,
)
