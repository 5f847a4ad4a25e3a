"""Deliveries in progress: claimed, begun, recorded, given back. Every step is committed immediately.

A row is `claimed` before its email is rendered and `sending` before the first byte of its content is sent.
If a worker dies, what it had claimed was certainly not sent and is queued again; what it was sending may have
been sent, so it becomes `uncertain` and an organiser decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conferences.models import RosterEntry
from voting.campaigns.kinds.registry import secret_kinds
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.recipients import still_recipients
from voting.campaigns.sending.outcomes import Outcome
from voting.campaigns.subscriptions.models import UndeliverableAddress

BATCH = 100
# Delays after a recipient's server says "later"; after the last one, the delivery has failed.
DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60)]

Status = Delivery.Status

SENT_AND_NEXT = """
UPDATE voting_delivery SET
  sent_at = CASE WHEN id = %(last)s THEN %(now)s ELSE sent_at END,
  attempts = CASE WHEN id = %(last)s THEN attempts + 1 ELSE attempts END,
  lease_until = CASE WHEN id = %(last)s THEN NULL ELSE lease_until END,
  error = '',
  status = CASE WHEN id = %(last)s THEN 'sent' ELSE 'sending' END
WHERE id IN (%(last)s, %(next)s) AND claim = %(claim)s
  AND ((id = %(last)s AND status IN ('sending', 'uncertain'))
    OR (id = %(next)s AND status IN ('claimed', 'sending')))
"""


@dataclass(frozen=True)
class Batch:
    campaign: Campaign
    claim: str
    deliveries: list[Delivery]


def lease_from(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.CAMPAIGN_LEASE_SECONDS)


def claim_batch(campaign: Campaign, size: int) -> Batch:
    """Claims up to `size` due deliveries for this worker and commits before anything is sent.

    Rows that another worker is claiming are skipped, not waited for: the order is that of the index
    `delivery_chunk`, so only the rows that are claimed are locked. Recipients who no longer want or may get
    the email are skipped here.
    """
    now, claim = timezone.now(), uuid4().hex
    due = Delivery.objects.filter(campaign=campaign, status=Status.QUEUED, next_attempt_at__lte=now)
    with transaction.atomic():
        locked = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk")
        ids = list(locked.values_list("pk", flat=True)[:size])
        taken = Delivery.objects.filter(pk__in=ids)
        taken.update(status=Status.CLAIMED, claim=claim, lease_until=lease_from(now))
        _skip_the_unwilling(campaign, ids)
    mine = taken.filter(claim=claim, status=Status.CLAIMED)
    found = mine.select_related("recipient__user", "roster_entry").order_by("pk")
    return Batch(campaign, claim, list(found))


def _skip_the_unwilling(campaign: Campaign, ids: list[int]) -> None:
    willing = still_recipients(campaign=campaign, deliveries=ids)
    others = Delivery.objects.filter(pk__in=set(ids) - willing)
    others.update(
        status=Status.SKIPPED, error=_("No longer a recipient when the email was due."), lease_until=None
    )


def renew(batch: Batch) -> bool:
    """Renews the lease of the batch. Returns False if its campaign is no longer being sent."""
    held = Delivery.objects.filter(pk__in=[d.pk for d in batch.deliveries], claim=batch.claim)
    held.filter(status__in=[Status.CLAIMED, Status.SENDING]).update(lease_until=lease_from(timezone.now()))
    return Campaign.objects.sending().filter(pk=batch.campaign.pk).exists()


def turn_to(delivery: Delivery | None, *, after: tuple[Delivery, Outcome] | None) -> bool:
    """Records how the previous email ended and marks this one as begun, in one commit.

    Repeating it changes nothing, so it can be retried if the database did not answer.

    Returns:
        Whether this worker may still send the delivery.
    """
    if delivery and after and after[1].status == Status.SENT and not after[0].roster_entry_id:
        return _sent_and_next(after[0], delivery)
    with transaction.atomic():
        if after:
            record(*after)
        if delivery is None:
            return False
        mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)
        return bool(mine.filter(status__in=[Status.CLAIMED, Status.SENDING]).update(status=Status.SENDING))


def _sent_and_next(last: Delivery, delivery: Delivery) -> bool:
    """The usual case as one statement: one round trip and one commit per email."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            SENT_AND_NEXT, {"last": last.pk, "next": delivery.pk, "claim": delivery.claim, "now": now}
        )
        if cursor.rowcount == 2:
            return True
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, status=Status.SENDING)
    return mine.exists()


def record(delivery: Delivery, outcome: Outcome) -> None:
    """Stores one outcome, also over an `uncertain` that was written while the worker was silent."""
    begun = Delivery.objects.filter(
        pk=delivery.pk, claim=delivery.claim, status__in=[Status.SENDING, Status.UNCERTAIN]
    )
    if outcome.is_trouble and outcome.status == Status.QUEUED:
        begun.update(status=Status.QUEUED, claim="", lease_until=None, error=outcome.error)
    elif outcome.is_deferred:
        _defer(begun, delivery, outcome)
    else:
        sent_at = timezone.now() if outcome.status == Status.SENT else None
        begun.update(
            status=outcome.status,
            attempts=F("attempts") + 1,
            lease_until=None,
            sent_at=sent_at,
            error=outcome.error,
        )
    if outcome.status == Status.SENT and delivery.roster_entry:
        _mark_invited(delivery.roster_entry)
    if outcome.is_dead and not _is_secret(delivery):
        mark_undeliverable(delivery.address, outcome.error)


def _mark_invited(entry: RosterEntry) -> None:
    """The first email counts, and only for the address to which it was sent."""
    as_sent = RosterEntry.objects.filter(pk=entry.pk, mailbox=entry.mailbox, invited_at=None)
    as_sent.update(invited_at=timezone.now())


def _defer(begun: QuerySet[Delivery], delivery: Delivery, outcome: Outcome) -> None:
    last = delivery.attempts >= len(DELAYS)
    begun.update(
        status=Status.FAILED if last else Status.QUEUED,
        attempts=F("attempts") + 1,
        claim="",
        lease_until=None,
        next_attempt_at=timezone.now() + (timedelta() if last else DELAYS[delivery.attempts]),
        error=outcome.error,
    )


def _is_secret(delivery: Delivery) -> bool:
    """Organisers see undeliverable email addresses; one marked by a reminder would reveal a non-voter."""
    return Campaign.objects.filter(pk=delivery.campaign_id, kind__in=secret_kinds()).exists()


def mark_undeliverable(address: str, answer: str) -> None:
    # Not `update_or_create`: two transactions that insert the same row and then lock it would deadlock.
    if not UndeliverableAddress.objects.filter(address=address).update(answer=answer):
        UndeliverableAddress.objects.get_or_create(address=address, defaults={"answer": answer})


def give_back(batch: Batch) -> None:
    """Queues deliveries again that were claimed but not begun."""
    left = Delivery.objects.filter(
        pk__in=[d.pk for d in batch.deliveries], claim=batch.claim, status=Status.CLAIMED
    )
    left.update(status=Status.QUEUED, claim="", lease_until=None)
    skip_rest_of_stopped()


def requeue_lost(now: datetime) -> None:
    """Frees the deliveries of workers whose lease has expired."""
    silent = Delivery.objects.filter(lease_until__lt=now)
    silent.filter(status=Status.CLAIMED).update(status=Status.QUEUED, claim="", lease_until=None)
    silent.filter(status=Status.SENDING).update(
        status=Status.UNCERTAIN,
        lease_until=None,
        error=_("The worker stopped while it was sending this email."),
    )
    skip_rest_of_stopped()


def skip_rest_of_stopped() -> None:
    stopped = Campaign.objects.filter(status=Campaign.Status.STOPPED, deliveries__status=Status.QUEUED)
    for campaign in stopped.distinct():
        rest = Delivery.objects.filter(campaign=campaign, status=Status.QUEUED)
        rest.update(status=Status.SKIPPED, error=_("Sending was stopped."))
