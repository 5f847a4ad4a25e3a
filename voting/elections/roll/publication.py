"""What everyone may know about an electoral roll: figures, salted entries and reasons, but no names."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet

from confbox.kit.row_counts import count_of
from conferences.models import Membership, RosterEntry
from voting.elections.election.models import Election
from voting.elections.roll.digests import leaf_source
from voting.elections.roll.entitled import later_entries, removed_entries
from voting.elections.roll.models import RollChange, RollEntry

Kind = RollEntry.Kind


@dataclass(frozen=True)
class Changed:
    """What an organiser did to this many entries at one time for one reason."""

    change: RollChange
    number: int


def roll_figures(election: Election) -> dict[str, Any]:
    """How many could vote when voting opened, the digest of their entries, and what has changed since."""
    counted = Election.objects.filter(pk=election.pk).values(
        late=count_of(later_entries(Kind.LATE), "election"),
        added=count_of(later_entries(Kind.ADDED), "election"),
        removed=count_of(removed_entries(), "election"),
    )
    return {"size": election.roll_size or 0, "digest": election.roll_digest, **counted.get()}


def roll_csv(election: Election) -> str:
    """Every entry in the order of its digits, how it was added, and whether it was removed."""
    rows = (
        RollEntry.objects.filter(election=election).order_by("leaf").values_list("leaf", "kind", "removed_at")
    )
    lines = (f"{leaf},{kind},{'removed' if removed else ''}\n" for leaf, kind, removed in rows)
    return "entry,added,removed\n" + "".join(lines)


def source_of(entry: RollEntry) -> str:
    """The text whose SHA-256 is the leaf. Only its owner may see it."""
    return leaf_source(conference_id=entry.election_id, email=entry.email, salt=entry.salt)


def roll_changes(election: Election) -> list[Changed]:
    """How organisers changed the roll after voting had opened, oldest first; without late joiners."""
    changes = RollChange.objects.filter(entry__election=election).order_by("at", "pk")
    together = groupby(changes, key=lambda change: (change.act, change.reason, change.by_id, change.at))
    return [Changed(found[0], len(found)) for found in (list(group) for _same, group in together)]


def not_joined(election: Election) -> int:
    """How many who may vote have not joined. Only where the roster says who votes can there be any.

    Until voting opens these are the free entries of the roster.
    """
    if not election.only_roster_votes():
        return 0
    if election.roll_frozen_at:
        return RollEntry.objects.filter(election=election.pk).unclaimed().count()
    return RosterEntry.objects.not_joined().filter(conference=election.pk, membership=None).count()


def members_off_roster(election: Election) -> QuerySet[Membership]:
    """Members who would not be on a roll that is the roster."""
    members = Membership.objects.of_active_people().filter(conference=election.pk, excluded_at=None)
    return members.filter(Q(roster_entry=None) | Q(roster_entry__removed_at__isnull=False))
