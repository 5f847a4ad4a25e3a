"""The lists of an electoral roll that is fixed, and how many people are on each."""

from typing import Any

from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.models import Conference, RosterEntry
from voting.elections.roll.entitled import members_off_roll, members_on_roll
from voting.elections.roll.models import RollEntry
from voting.elections.roll.publication import not_joined, roll_figures


def waiting_entries(conference: Conference) -> RosterEntryQuerySet:
    """Those on the roster who may vote and have not joined."""
    return _unclaimed(conference).filter(pk__in=_on_roll(conference))


def entries_listed_later(conference: Conference) -> RosterEntryQuerySet:
    """Those on the roster who have not joined and are not on the roll."""
    return _unclaimed(conference).exclude(pk__in=_on_roll(conference))


def numbers_of_lists(conference: Conference) -> dict[str, Any]:
    """The figures of the roll, and how many are on each list."""
    election = conference.election
    figures, waiting = roll_figures(election), not_joined(election)
    on_roll = members_on_roll(figures, not_joined=waiting)
    return {
        "figures": figures,
        "on": on_roll,
        "off": members_off_roll(election, on_roll),
        "waiting": waiting,
        "listed": entries_listed_later(conference).count() if election.only_roster_votes() else 0,
    }


def _unclaimed(conference: Conference) -> RosterEntryQuerySet:
    return RosterEntry.objects.present().filter(conference=conference, membership=None)


def _on_roll(conference: Conference) -> Any:
    on_roll = RollEntry.objects.current().filter(election=conference.election, roster_entry__isnull=False)
    return on_roll.values("roster_entry")
