"""Which tasks are in progress. The slots' rows are authoritative, never the queue."""

from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending.batches import BATCH
from voting.campaigns.sending.models import SendingSlot


class Enqueue(Protocol):
    def __call__(self, *, campaign_id: int, slot: int, round: int) -> object: ...


# How many workers can send one campaign at the same time.
SLOTS_PER_CAMPAIGN = 8


def wake_idle_slots(campaign: Campaign, enqueue: Enqueue) -> int:
    """Enqueues a task for each idle or lost slot that has work. Returns how many."""
    now = timezone.now()
    if campaign.rest_until and campaign.rest_until > now:
        return 0
    due = Delivery.objects.filter(
        campaign=campaign, status=Delivery.Status.QUEUED, next_attempt_at__lte=now
    ).count()
    wanted = min(SLOTS_PER_CAMPAIGN, -(-due // BATCH))
    return sum(wake(slot, enqueue, now) for slot in _slots(campaign)[:wanted])


def _slots(campaign: Campaign) -> list[SendingSlot]:
    slots = list(SendingSlot.objects.filter(campaign=campaign).order_by("number"))
    if not slots:
        SendingSlot.objects.bulk_create(
            [SendingSlot(campaign=campaign, number=n) for n in range(SLOTS_PER_CAMPAIGN)],
            ignore_conflicts=True,
        )
        slots = list(SendingSlot.objects.filter(campaign=campaign).order_by("number"))
    return slots


def wake(slot: SendingSlot, enqueue: Enqueue, now: datetime) -> bool:
    """Begins a new round of an idle slot, or of one whose task was lost. Of several callers, one succeeds."""
    lost = now - timedelta(seconds=settings.CAMPAIGN_LEASE_SECONDS)
    free = Q(woken_at=None) | Q(woken_at__lt=lost)
    found = SendingSlot.objects.filter(free, pk=slot.pk, round=slot.round)
    if not found.update(round=F("round") + 1, woken_at=now):
        return False
    enqueue(campaign_id=slot.campaign_id, slot=slot.number, round=slot.round + 1)
    return True


def enter(*, campaign_id: int, slot: int, round: int) -> bool:
    """Whether this task belongs to the current round of its slot; a late one does not."""
    return bool(_round(campaign_id, slot, round).update(woken_at=timezone.now()))


def leave(*, campaign_id: int, slot: int, round: int, has_more: bool, enqueue: Enqueue) -> None:
    """Ends the round: enqueues the next task if there is more to do, else the slot becomes idle."""
    mine = _round(campaign_id, slot, round)
    if not has_more:
        mine.update(woken_at=None)
    elif mine.update(round=round + 1, woken_at=timezone.now()):
        enqueue(campaign_id=campaign_id, slot=slot, round=round + 1)


def _round(campaign_id: int, slot: int, round: int) -> QuerySet[SendingSlot]:
    return SendingSlot.objects.filter(campaign=campaign_id, number=slot, round=round)
