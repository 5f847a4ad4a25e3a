"""What a worker does for a kept figure."""

import time
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from conferences.models import Conference
from voting.elections.models import KeptFigure
from voting.elections.receipts.result import hours_of
from voting.elections.results import is_tally_live
from voting.elections.roll.lists import numbers_of_lists
from voting.elections.tally import people_of, votes_of, votes_per_candidate

Kind = KeptFigure.Kind


def _turnout(conference: Conference) -> dict[str, int]:
    return {"votes": votes_of(conference), **people_of(conference)}


def _tally(conference: Conference) -> dict[str, Any]:
    return {"candidates": list(votes_per_candidate(conference).items()), **people_of(conference)}


COUNTS: dict[str, Callable[[Conference], Any]] = {
    Kind.TURNOUT: _turnout,
    Kind.TALLY: _tally,
    Kind.HOURS: hours_of,
    Kind.ROLL: numbers_of_lists,
}


def count_figure(*, election_id: int, kind: str) -> bool:
    """Counts it and keeps it. Returns False if no one waits for it any more."""
    asked = KeptFigure.objects.filter(election=election_id, kind=kind, asked_at__isnull=False)
    conference = Conference.objects.as_of_now().select_related("election").filter(pk=election_id).first()
    if conference is None or not asked.exists():
        return False
    if not may_be_kept(conference, kind):
        asked.delete()
        return False
    counted_at, began = timezone.now(), time.monotonic()
    value = COUNTS[kind](conference)
    # Of two counts at once, such as one whose worker seemed lost, the older one never replaces the other.
    older = asked.filter(Q(counted_at=None) | Q(counted_at__lt=counted_at))
    took = time.monotonic() - began
    return bool(older.update(value=value, counted_at=counted_at, took_seconds=took, asked_at=None))


def may_be_kept(conference: Conference, kind: str) -> bool:
    """Votes per candidate only while someone may see them, and nothing of what is published."""
    return not conference.election.has_closed() and (kind != Kind.TALLY or is_tally_live(conference))
