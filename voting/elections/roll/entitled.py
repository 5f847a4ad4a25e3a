"""How many may vote, for pages.

While voting is open, everyone on the electoral roll counts but a few, and an index leads to those few. So the
figure is that of the roll without them, and no page reads every member.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, Count, F, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from confbox.kit.clock import DatabaseNow
from confbox.kit.row_counts import count_of
from conferences.models import Membership
from voting.elections.election.electorate import SHOWN_AS_ENTITLED
from voting.elections.election.models import Election
from voting.elections.roll.models import RollEntry

Kind = RollEntry.Kind
LATER = Kind.LATE, Kind.ADDED
WAS_REMOVED = Q(removed_at__isnull=False)
IS_RUNNING = Q(decided_at=None, closes_at__gt=DatabaseNow(), roll_size__isnull=False)
# Each member who may not count although they are on the roll is in one of these, and each has an index.
GONE = (
    Q(left_at__isnull=False),
    Q(left_at=None, excluded_at__isnull=False),
    Q(left_at=None, excluded_at=None, user__is_active=False),
)
# How many of members who are on the roll are not shown as entitled.
LOST = Count("pk") - Count("pk", filter=SHOWN_AS_ENTITLED)


def entitled() -> Case:
    """For a queryset of elections: those who may vote, with those who have not joined."""
    return Case(When(IS_RUNNING, then=_of_running()), default=_of_others())


def entitled_of_running(elections: Sequence[Election]) -> dict[int, int]:
    """Those who may vote in each of these, whose rolls exist and whose votes are not over.

    Not as `entitled`: of several elections in one query, the database would read every member.
    """
    ids = [election.pk for election in elections]
    entries = RollEntry.objects.filter(election__in=ids).order_by()
    members = Membership.objects.filter(conference__in=ids, roll_entry__isnull=False).order_by()
    came = _grouped(entries.filter(kind__in=LATER), "election", Count("pk"))
    went = [_grouped(entries.filter(WAS_REMOVED, membership=None), "election", Count("pk"))]
    went += [_grouped(members.filter(gone), "conference", LOST) for gone in GONE]
    found = {election.pk: int(election.roll_size or 0) + came.get(election.pk, 0) for election in elections}
    return {pk: number - sum(lost.get(pk, 0) for lost in went) for pk, number in found.items()}


def excluded() -> Func:
    """For a queryset of elections: the members who are excluded."""
    return count_of(_members().filter(excluded_at__isnull=False), "conference")


def members_on_roll(figures: Mapping[str, Any], *, not_joined: int) -> int:
    """By the figures of its roll, of which some may be people who have not joined."""
    on_it = figures["size"] + figures["late"] + figures["added"] - figures["removed"] - not_joined
    return int(on_it)


def members_off_roll(election: Election, on_roll: int) -> int:
    """How many current members are not on it, if so many members are."""
    members = Membership.objects.filter(conference=election.pk)
    current, on_it = members.current(), members.filter(roll_entry__isnull=False, roll_entry__removed_at=None)
    disabled = current.filter(user__is_active=False).count()
    gone = on_it.filter(left_at__isnull=False).count()
    gone += on_it.filter(left_at=None, user__is_active=False).count()
    return current.count() - disabled - (on_roll - gone)


def later_entries(*kinds: str) -> Any:
    """Those that an election's roll got after voting had opened."""
    return _entries().filter(kind__in=kinds)


def removed_entries() -> Any:
    return _entries().filter(WAS_REMOVED)


def _grouped(rows: QuerySet[Any], by: str, counted: Any) -> dict[int, int]:
    return dict(rows.values(by).annotate(n=counted).values_list(by, "n"))


def _of_running() -> Any:
    of_later = count_of(later_entries(*LATER), "election")
    unclaimed = count_of(removed_entries().filter(membership=None), "election")
    found: Any = F("roll_size") + of_later - unclaimed
    for gone in GONE:
        found = found - _lost(_members().filter(gone, roll_entry__isnull=False))
    return found


def _lost(members: QuerySet[Membership]) -> Func:
    """How many of these members, who are on the roll, are not shown as entitled."""
    counted = members.order_by().values("conference").annotate(n=LOST).values("n")
    return Coalesce(Subquery(counted), Value(0))


def _of_others() -> Any:
    members = count_of(_members().filter(SHOWN_AS_ENTITLED), "conference")
    return members + count_of(_entries().unclaimed(), "election")


def _members() -> Any:
    return Membership.objects.filter(conference=OuterRef("pk"))


def _entries() -> Any:
    return RollEntry.objects.filter(election=OuterRef("pk"))
