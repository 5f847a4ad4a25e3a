"""Which tasks are under way. The truth is in the lanes' rows, never in the queue."""

from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from voting.campaigns.models import Campaign, Delivery, Lane
from voting.campaigns.sending.batches import BATCH


class Enqueue(Protocol):
    def __call__(self, *, campaign_id: int, lane: int, round: int) -> object: ...


# As many workers send one campaign at the same time.
LANES = 8


def wake_lanes(campaign: Campaign, enqueue: Enqueue) -> int:
    """Enqueues a task for each idle or lost lane that has work. Returns how many."""
    now = timezone.now()
    if campaign.rest_until and campaign.rest_until > now:
        return 0
    due = Delivery.objects.filter(
        campaign=campaign, status=Delivery.Status.QUEUED, next_attempt_at__lte=now
    ).count()
    wanted = min(LANES, -(-due // BATCH))
    return sum(wake(lane, enqueue, now) for lane in _lanes(campaign)[:wanted])


def _lanes(campaign: Campaign) -> list[Lane]:
    lanes = list(Lane.objects.filter(campaign=campaign).order_by("number"))
    if not lanes:
        Lane.objects.bulk_create(
            [Lane(campaign=campaign, number=n) for n in range(LANES)], ignore_conflicts=True
        )
        lanes = list(Lane.objects.filter(campaign=campaign).order_by("number"))
    return lanes


def wake(lane: Lane, enqueue: Enqueue, now: datetime) -> bool:
    """Begins a new round of an idle lane, or of one whose task was lost. One caller of many wins."""
    lost = now - timedelta(seconds=settings.CAMPAIGN_LEASE_SECONDS)
    free = Q(woken_at=None) | Q(woken_at__lt=lost)
    found = Lane.objects.filter(free, pk=lane.pk, round=lane.round)
    if not found.update(round=F("round") + 1, woken_at=now):
        return False
    enqueue(campaign_id=lane.campaign_id, lane=lane.number, round=lane.round + 1)
    return True


def enter(*, campaign_id: int, lane: int, round: int) -> bool:
    """Whether this task is the one its lane waits for; a task that comes too late is not."""
    return bool(_round(campaign_id, lane, round).update(woken_at=timezone.now()))


def leave(*, campaign_id: int, lane: int, round: int, has_more: bool, enqueue: Enqueue) -> None:
    """Ends the round: with the next task when there is more to do, else the lane is idle."""
    mine = _round(campaign_id, lane, round)
    if not has_more:
        mine.update(woken_at=None)
    elif mine.update(round=round + 1, woken_at=timezone.now()):
        enqueue(campaign_id=campaign_id, lane=lane, round=round + 1)


def _round(campaign_id: int, lane: int, round: int) -> QuerySet[Lane]:
    return Lane.objects.filter(campaign=campaign_id, number=lane, round=round)
