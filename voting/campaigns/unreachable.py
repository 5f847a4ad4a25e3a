"""Who may vote and gets no emails, because mail servers refuse or return them.

Nothing here depends on votes: what was sent to those who have not voted marks no address.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from conferences.memberships.models import MembershipQuerySet
from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.models import Conference, Membership, RosterEntry
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.elections.election.electorate import ENTITLED
from voting.elections.roll.lists import waiting_entries


class Unreachable(NamedTuple):
    """`entry` is the ID of the roster entry of a person who has not joined; None for a member."""

    name: str
    email: str
    reply: str
    since: datetime
    entry: int | None = None


def still_matters(conference: Conference) -> bool:
    """Whether anyone may still vote here, now or later."""
    return not (conference.election.is_count_final() or conference.is_cancelled)


def count_unreachable(conference: Conference, *, with_roster: bool) -> int:
    """Of all who may vote; those of the roster who have not joined only for those who may see them."""
    return _members(conference).count() + (_entries(conference).count() if with_roster else 0)


def unreachable_voters(conference: Conference, *, with_roster: bool) -> list[Unreachable]:
    """By name."""
    members = _with_reply(_members(conference).select_related("user"), "user__email")
    found = [Unreachable(str(each), each.user.email, each.reply, each.since) for each in members]
    entries = _with_reply(_entries(conference), "mailbox") if with_roster else []
    found += [Unreachable(each.name, each.email, each.reply, each.since, each.pk) for each in entries]
    return sorted(found, key=lambda person: order_of(*place_of(person)))


def place_of(person: Unreachable) -> tuple[str, str, int]:
    """No two of the list have the same."""
    return person.name, person.email, person.entry or 0


def order_of(name: str, email: str, entry: int) -> tuple[str, str, int]:
    """The order of the list, for sorting by a place in it."""
    return name.casefold(), email, entry


def _members(conference: Conference) -> MembershipQuerySet:
    members = Membership.objects.of_active_people().filter(ENTITLED, conference=conference)
    return members.filter(user__email__in=UndeliverableAddress.objects.values("address"))


def _entries(conference: Conference) -> RosterEntryQuerySet:
    if not conference.election.only_roster_votes():
        return RosterEntry.objects.none()
    if conference.election.roll_frozen_at:
        entries = waiting_entries(conference)
    else:
        entries = RosterEntry.objects.present().filter(conference=conference, membership=None)
    return entries.filter(mailbox__in=UndeliverableAddress.objects.values("address"))


def _with_reply(people: Any, address: str) -> Any:
    mark = UndeliverableAddress.objects.filter(address=OuterRef(address))
    return people.annotate(reply=Subquery(mark.values("answer")), since=Subquery(mark.values("marked_at")))
