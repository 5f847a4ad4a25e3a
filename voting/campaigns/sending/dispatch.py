"""Drives campaigns from approval to the end, even if workers die."""

import logging

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from voting.campaigns.events import emit_sent
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.recipients import recipients_of
from voting.campaigns.requester_emails import notify_requester
from voting.campaigns.rules import refusal_to_send
from voting.campaigns.sending import slots
from voting.campaigns.sending.actions import stop_sending
from voting.campaigns.sending.batches import requeue_lost

MAKE_DELIVERIES = """
INSERT INTO voting_delivery
  ({column}, campaign_id, status, attempts, resends, next_attempt_at, claim, error)
SELECT found.number, %s, %s, 0, 0, %s, '', '' FROM ({select}) found
"""
logger = logging.getLogger(__name__)


def has_campaigns_to_dispatch() -> bool:
    """Whether one is due or being sent."""
    return (Campaign.objects.due() | Campaign.objects.sending()).exists()


def dispatch_due(enqueue: slots.Enqueue) -> None:
    """Starts what is due, frees what is lost, wakes idle slots, finishes what is complete.

    It can run at any time, on any host, and several times at once.
    """
    for campaign in Campaign.objects.due():
        begin_campaign(campaign)
    # Leases are written by the clocks of the workers, and last longer than these differ.
    requeue_lost(timezone.now())
    for campaign in Campaign.objects.sending():
        if not finish_campaign(campaign.pk):
            slots.wake_idle_slots(campaign, enqueue)


def begin_campaign(campaign: Campaign) -> bool:
    """Creates the deliveries in one transaction. Returns False if another worker has already done so."""
    if stop_if_pointless(campaign.pk):
        return False
    with transaction.atomic():
        due = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.APPROVED)
        if not due.update(status=Campaign.Status.SENDING, started_at=timezone.now()):
            return False
        _make_deliveries(campaign)
    kind_of(campaign).after_start(campaign)
    return True


def _make_deliveries(campaign: Campaign) -> None:
    """One INSERT … SELECT from the query that determines who gets a campaign."""
    found = recipients_of(campaign).order_by()
    select, parameters = found.values(number=F("pk")).query.sql_with_params()
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    column = "roster_entry_id" if kind_of(campaign).roster_audience else "recipient_id"
    statement = MAKE_DELIVERIES.format(column=column, select=select)
    with connection.cursor() as cursor:
        cursor.execute(statement, [campaign.pk, Delivery.Status.QUEUED.value, now, *parameters])


def finish_campaign(campaign_id: int) -> bool:
    """Finishes a campaign without open deliveries. Returns False if there are any left."""
    open_rows = Delivery.objects.filter(campaign=campaign_id, status__in=Delivery.OPEN)
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
        if not campaign or campaign.status != Campaign.Status.SENDING or open_rows.exists():
            return False
        campaign.status, campaign.finished_at = Campaign.Status.SENT, timezone.now()
        campaign.save(update_fields=["status", "finished_at"])
        notify_requester(campaign)
        emit_sent(campaign)
    return True


def stop_if_pointless(campaign_id: int) -> bool:
    """Stops a campaign that must no longer be sent, for example after its conference was deactivated."""
    campaign = Campaign.objects.select_related("conference__election").filter(pk=campaign_id).first()
    reason = refusal_to_send(campaign) if campaign else ""
    if not campaign or not reason:
        return False
    try:
        stop_sending(campaign=campaign, reason=reason)
    except ValidationError:
        return False
    logger.warning("Campaign %s is stopped: %s", campaign.pk, reason)
    return True
