"""What everyone may know of an electoral roll: figures, salted entries and reasons, and no name."""

from typing import Any

from django.db.models import Count, Q

from voting.elections.election.models import Election
from voting.elections.roll.digests import leaf_source
from voting.elections.roll.models import RollChange, RollEntry

Kind = RollEntry.Kind


def roll_figures(election: Election) -> dict[str, Any]:
    """How many could vote when voting opened, the digest of their entries, and what was changed since."""
    counted = RollEntry.objects.filter(election=election).aggregate(
        late=Count("pk", filter=Q(kind=Kind.LATE)),
        added=Count("pk", filter=Q(kind=Kind.ADDED)),
        removed=Count("pk", filter=Q(removed_at__isnull=False)),
    )
    return {"size": election.roll_size or 0, "digest": election.roll_digest, **counted}


def roll_csv(election: Election) -> str:
    """Every entry in the order of the digits, how it came onto the roll, and whether it was removed."""
    rows = (
        RollEntry.objects.filter(election=election).order_by("leaf").values_list("leaf", "kind", "removed_at")
    )
    lines = (f"{leaf},{kind},{'removed' if removed else ''}\n" for leaf, kind, removed in rows)
    return "entry,added,removed\n" + "".join(lines)


def source_of(entry: RollEntry) -> str:
    """The text of which the leaf is the SHA-256, for the eyes of its owner."""
    return leaf_source(conference_id=entry.election_id, email=entry.email, salt=entry.salt)


def roll_changes(election: Election) -> list[RollChange]:
    """What organisers did to the roll after voting had opened, oldest first. Late joiners are no change."""
    return list(RollChange.objects.filter(entry__election=election).order_by("at", "pk"))
