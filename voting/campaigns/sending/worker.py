"""A worker's part: one batch of one campaign over one connection, without holding a transaction."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from confbox.kit.forking import show_progress
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import batches
from voting.campaigns.sending.mailer import Mailer, mailer_for
from voting.campaigns.sending.outcomes import Outcome
from voting.campaigns.sending.pace import take_turn

logger = logging.getLogger(__name__)
T = TypeVar("T")

# After this many failures in a row the campaign pauses and shows an organiser why.
FAILURES = 20
LONGEST_REST = timedelta(seconds=60)
RENEW_EVERY = 1.0
DATABASE_WAIT_SECONDS = 60.0


def send_one_batch(campaign_id: int) -> bool:
    """Claims and sends one batch. Returns whether there may be more to do immediately."""
    now = timezone.now()
    found = Campaign.objects.sending().select_related("conference__election", "candidate__user")
    campaign = found.filter(pk=campaign_id).first()
    if not campaign or (campaign.rest_until and campaign.rest_until > now):
        return False
    size = take_turn()
    if not size:
        return False
    batch = batches.claim_batch(campaign, size)
    if not batch.deliveries:
        return False
    try:
        return _converse(batch)
    finally:
        durably(lambda: batches.give_back(batch))


def _converse(batch: batches.Batch) -> bool:
    mailer = mailer_for(batch.campaign)
    try:
        broken = mailer.open()
        if broken:
            durably(lambda: count_failure(batch.campaign, broken))
            return False
        return _send_each(batch, mailer)
    finally:
        mailer.close()


def _send_each(batch: batches.Batch, mailer: Mailer) -> bool:
    last, renewed_at = None, time.monotonic()
    for delivery in batch.deliveries:
        show_progress()
        if time.monotonic() - renewed_at > RENEW_EVERY:
            if not durably(lambda: batches.renew(batch)):
                break
            renewed_at = time.monotonic()
        mailer.prepare(delivery)
        if not _turn_to(delivery, last):
            mailer.withdraw()
            last = None
            continue
        last = (delivery, mailer.send())
        if not _may_go_on(batch.campaign, last[1]):
            break
    _turn_to(None, last)
    return last is None or not last[1].is_trouble


def _turn_to(delivery: Delivery | None, last: tuple[Delivery, Outcome] | None) -> bool:
    return durably(lambda: batches.turn_to(delivery, after=last))


def _may_go_on(campaign: Campaign, outcome: Outcome) -> bool:
    if outcome.status == Delivery.Status.SENT:
        if campaign.failures:
            durably(lambda: _forget_failures(campaign))
        return True
    durably(lambda: count_failure(campaign, outcome))
    return not outcome.is_trouble and campaign.failures < FAILURES


def _forget_failures(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(failures=0, trouble="", rest_until=None)
    campaign.failures = 0


def count_failure(campaign: Campaign, outcome: Outcome) -> None:
    """Counts a failure; a server problem makes the campaign rest, and too many in a row pause it.

    Workers that meet the same problem at the same time count it once.
    """
    found = Campaign.objects.sending().filter(pk=campaign.pk)
    if not outcome.is_hopeless:
        found = found.filter(failures=campaign.failures)
    campaign.failures += 1
    columns: dict[str, object] = {"failures": campaign.failures, "trouble": outcome.error}
    if outcome.is_trouble:
        rest = min(timedelta(seconds=2.0 ** min(campaign.failures - 1, 10)), LONGEST_REST)
        columns["rest_until"] = timezone.now() + rest
    if outcome.is_hopeless or campaign.failures >= FAILURES:
        columns["status"] = Campaign.Status.PAUSED
        logger.error("Campaign %s is paused: %s", campaign.pk, outcome.error)
    found.update(**columns)


def durably(step: Callable[[], T]) -> T:
    """Repeats the step until the database is back, because the email has already been sent.

    The step must be repeatable.
    """
    gives_up_at = time.monotonic() + DATABASE_WAIT_SECONDS
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > gives_up_at:
                raise
            logger.warning("The database does not answer; trying again.", exc_info=True)
            connection.close()
            time.sleep(0.2)
