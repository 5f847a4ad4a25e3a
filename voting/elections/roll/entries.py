"""Who is on a roll when it is frozen, as entries that are not stored yet."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from conferences.models import Membership, RosterEntry
from voting.elections.election.models import Election
from voting.elections.roll.digests import draw_salt, leaf_of
from voting.elections.roll.models import RollEntry

Kind = RollEntry.Kind


def entries_at_opening(election: Election) -> list[RollEntry]:
    if election.only_roster_votes():
        return [entry_of_listed(listed, Kind.FROZEN, election.opens_at) for listed in _listed(election)]
    return [entry_of_member(member, Kind.FROZEN, election.opens_at) for member in _members(election)]


def entries_of_late_joiners(election: Election) -> list[RollEntry]:
    """For those who have joined since voting opened and may vote under the rules."""
    if election.only_roster_votes() or not election.late_joiners_may_vote():
        return []
    members = Membership.objects.of_active_people().filter(conference=election.pk, excluded_at=None)
    in_time = members.filter(joined_at__gt=election.opens_at, joined_at__lt=election.closes_at)
    late = in_time.select_related("user").order_by("pk")
    return [entry_of_member(member, Kind.LATE, member.joined_at) for member in late]


def entry_of_member(member: Membership, kind: str, at: datetime | None) -> RollEntry:
    return _entry(member.conference_id, member.user.email, kind, at, membership=member)


def entry_of_listed(listed: RosterEntry, kind: str, at: datetime | None) -> RollEntry:
    """It becomes the member's who joins with the entry of the roster."""
    member = listed.membership
    whose = {"roster_entry": listed, "membership": member if _is_member(member, at) else None}
    return _entry(listed.conference_id, listed.mailbox, kind, at, **whose)


def _is_member(member: Membership | None, at: datetime | None) -> bool:
    return member is not None and (member.left_at is None or at is None or member.left_at > at)


def _entry(election_id: int, email: str, kind: str, at: datetime | None, **whose: Any) -> RollEntry:
    salt = draw_salt()
    leaf = leaf_of(conference_id=election_id, email=email, salt=salt)
    columns = {"kind": kind, "email": email, "salt": salt, "leaf": leaf, "added_at": at}
    return RollEntry(election_id=election_id, **columns, **whose)


def _members(election: Election) -> Iterable[Membership]:
    """Who could vote when voting opened: those who were active members then and not excluded."""
    opens = election.opens_at
    members = Membership.objects.filter(conference=election.pk, joined_at__lte=opens, user__is_active=True)
    then = members.filter(Q(left_at=None) | Q(left_at__gt=opens))
    not_excluded = then.filter(Q(excluded_at=None) | Q(excluded_at__gt=opens))
    return not_excluded.select_related("user").order_by("pk")


def _listed(election: Election) -> QuerySet[RosterEntry]:
    """Who was on the roster when voting opened, except for members who could not vote then.

    That is who is on it now: whatever changes it after the opening freezes the roll first.
    """
    present = RosterEntry.objects.present().filter(conference=election.pk)
    barred = Q(membership__user__is_active=False) | Q(membership__excluded_at__lte=election.opens_at)
    return present.exclude(barred).select_related("membership").order_by("pk")
