"""How a campaign changes from one status to another."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change
from confbox.kit.coded import coded, coded_error
from voting.campaigns.models import Campaign
from voting.campaigns.requester_emails import notify_requester


def decide(campaign: Campaign, by: Actor, what: str, **change: Any) -> Campaign:
    """Applies an organiser's act to a campaign and notifies the requester when it ends."""
    with transaction.atomic():
        move(campaign, **change)
        log_change(by=by, target=campaign, what=what)
        notify_requester(campaign)
    return campaign


def move(
    campaign: Campaign, *, from_states: list[Campaign.Status], version_read: int | None = None, **columns: Any
) -> None:
    """One filtered update; if it changes no row, another request was faster."""
    found = Campaign.objects.filter(pk=campaign.pk, status__in=from_states)
    if version_read is not None:
        found = found.filter(version=version_read)
    changed = found.update(**columns)
    campaign.refresh_from_db()
    if not changed:
        raise coded_error(_too_late(campaign, from_states), code="campaign_decided")


def _too_late(campaign: Campaign, from_states: list[Campaign.Status]) -> str:
    if campaign.status in from_states:
        return coded(
            "outdated", _("The text has changed since you read it. Please read it again before you decide.")
        )
    return _("Nothing was changed: the status of this campaign is already “%(status)s”.") % {
        "status": campaign.get_status_display()
    }
