"""One rate for all workers, so that the mail server is not asked for more than it allows."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from voting.campaigns.sending.batches import BATCH
from voting.campaigns.sending.models import Pace

# A worker waits at most this long for its turn, because other tasks wait for the worker.
MAX_WAIT_SECONDS = timedelta(seconds=1)


def take_turn() -> int:
    """How many emails may be sent now. Waits for at most a second; 0 if the turn is later than that."""
    per_minute = settings.CAMPAIGN_EMAILS_PER_MINUTE
    if not per_minute:
        return BATCH
    size = max(1, min(BATCH, per_minute // 60))
    starts_at = _reserve(timedelta(minutes=1) * size / per_minute)
    if starts_at is None:
        return 0
    time.sleep(max(0.0, (starts_at - timezone.now()).total_seconds()))
    return size


def _reserve(length: timedelta) -> datetime | None:
    # Before the transaction: workers that insert the row at the same time would deadlock.
    Pace.objects.get_or_create(pk=1, defaults={"free_at": timezone.now()})
    with transaction.atomic():
        pace = Pace.objects.select_for_update().get(pk=1)
        now = timezone.now()
        starts_at = max(now, pace.free_at)
        if starts_at > now + MAX_WAIT_SECONDS:
            return None
        Pace.objects.filter(pk=1).update(free_at=starts_at + length)
    return starts_at
