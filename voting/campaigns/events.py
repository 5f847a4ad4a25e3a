"""What webhooks are notified of: that a campaign waits for its approval, and that it was sent."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conferences.outbox.events import emit
from conferences.outbox.kinds import EventKind
from conferences.outbox.models import WebhookEvent
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign


def _campaign(event: WebhookEvent) -> str:
    return reverse("admin:voting_campaign_change", args=[event.data["campaign_id"]])


CAMPAIGN_REQUESTED = EventKind(
    name="campaign.requested",
    label=_("A campaign waits for its approval"),
    sentence=_("A campaign at %(conference)s waits for its approval."),
    page=_campaign,
)
CAMPAIGN_SENT = EventKind(
    name="campaign.sent",
    label=_("A campaign was sent"),
    sentence=_("A campaign at %(conference)s was sent."),
    page=_campaign,
)
OF_CAMPAIGNS = [CAMPAIGN_REQUESTED, CAMPAIGN_SENT]


def ids_of(campaign: Campaign) -> dict[str, Any]:
    """Of a campaign of a member, also the member whom it promotes."""
    return {"campaign_id": campaign.pk, "member_id": campaign.candidate_id, "kind": campaign.kind}


def emit_sent(campaign: Campaign) -> None:
    """Not of one whose recipients depend on votes: how long it took would show how many they were."""
    if not kind_of(campaign).secret_audience:
        emit(CAMPAIGN_SENT, campaign.conference, ids_of(campaign))
