"""Figures of a large vote, which a worker counts while someone looks at them.

A page reads a row and never counts. What it reads has a time, which the page shows beside the figure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from confbox.kit.email_sending import enqueue_on_commit
from voting.elections.election.models import Election
from voting.elections.figures.tasks import count_kept_figure
from voting.elections.models import KeptFigure

# Up to so many people who may vote, each page counts.
MOST_COUNTED = 10_000
RENEWED_AFTER = timedelta(seconds=15)
# So that counting takes a worker at most a twentieth of its time.
TIMES_THE_COUNT = 20
# Older ones are not shown, as their time has no date.
OLDEST_SHOWN = timedelta(hours=1)
LOST_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Figure:
    value: Any
    # None if it is that of now.
    counted_at: datetime | None


def is_large(election: Election) -> bool:
    return (election.roll_size or 0) > MOST_COUNTED


def kept_figure(election: Election, kind: str) -> Figure | None:
    """As it was last counted; None if it is being counted. Has it counted again if that was long ago."""
    row, now = KeptFigure.objects.filter(election=election.pk, kind=kind).first(), timezone.now()
    if row is None or is_due(row, now):
        ask_for_count(election_id=election.pk, kind=kind, seen=row.counted_at if row else None)
    if row is None or row.counted_at is None or now - row.counted_at > OLDEST_SHOWN:
        return None
    return Figure(row.value, row.counted_at)


def is_due(row: KeptFigure, now: datetime) -> bool:
    """Whether it was counted long ago and no count is awaited."""
    if row.asked_at and now - row.asked_at < LOST_AFTER:
        return False
    if row.counted_at is None:
        return True
    after = max(RENEWED_AFTER, TIMES_THE_COUNT * timedelta(seconds=row.took_seconds))
    return now - row.counted_at > after


def ask_for_count(*, election_id: int, kind: str, seen: datetime | None) -> bool:
    """Enqueues one count. Of several callers who have `seen` the figure of this time, one succeeds.

    A count that was asked for and has not come, because its worker died, is asked for again.
    """
    now = timezone.now()
    if seen is None:
        KeptFigure.objects.bulk_create(
            [KeptFigure(election_id=election_id, kind=kind)], ignore_conflicts=True
        )
    is_awaited = Q(asked_at__isnull=False, asked_at__gte=now - LOST_AFTER)
    rows = KeptFigure.objects.filter(~is_awaited, election=election_id, kind=kind, counted_at=seen)
    with transaction.atomic():
        if not rows.update(asked_at=now):
            return False
        enqueue_on_commit(count_kept_figure, election_id=election_id, kind=kind)
    return True
