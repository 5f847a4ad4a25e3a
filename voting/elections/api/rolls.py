from typing import ClassVar, Literal

from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, Slug
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work
from conferences.api.doors import member_or_reader
from conferences.models import Membership
from voting.elections.eligibility import roll_entry_of
from voting.elections.roll.actions import ensure_frozen
from voting.elections.roll.publication import Changed, roll_changes, roll_csv, roll_figures, source_of
from voting.elections.roll_views import ROLL_DOWNLOADS, roll_is_for_members

router = ApiRouter("Electoral roll")


class RollChanged(Answer):
    act: str
    number: int = Field(description="How many entries.")
    reason: str
    at: Instant

    EXAMPLE: ClassVar = {
        "act": "added",
        "number": 2,
        "reason": "They paid at the door.",
        "at": "2027-03-02T10:15:00Z",
    }

    @classmethod
    def of(cls, changed: Changed) -> "RollChanged":
        change = changed.change
        return cls(act=change.act, number=changed.number, reason=change.reason, at=change.at)


class OwnEntry(Answer):
    state: Literal["on_roll", "removed", "not_on_roll"]
    entry: str = Field(description="Yours among the entries, which are SHA-256 digests.")
    source: str = Field(description="The text of which it is the digest. Only you see it.")

    EXAMPLE: ClassVar = {"state": "on_roll", "entry": "5feceb66ffc86f38", "source": "7:ada@example.org:x2"}


class ElectoralRoll(Answer):
    frozen_at: Instant | None = Field(description="When voting opened; null before.")
    size: int
    digest: str
    late: int = Field(description="Entries of members who joined later and may vote.")
    added: int = Field(description="Entries that organisers added.")
    removed: int
    changes: list[RollChanged]
    own: OwnEntry | None = Field(description="Null for the team, which only reads.")

    EXAMPLE: ClassVar = {
        "frozen_at": "2027-03-01T08:00:00Z",
        "size": 60,
        "digest": "9f86d081884c7d65",
        "late": 0,
        "added": 2,
        "removed": 0,
        "changes": [RollChanged.EXAMPLE],
        "own": OwnEntry.EXAMPLE,
    }


class RollEntries(Answer):
    entries: str = Field(description="CSV: each entry, how it was added, and whether it was removed.")

    EXAMPLE: ClassVar = {"entries": "entry,added,removed\n5feceb66ffc86f38,opening,\n"}


@router.get("conferences/{slug}/roll/", scope=Scope.READ, answer=ElectoralRoll, summary="The electoral roll")
def electoral_roll(request: PersonRequest, slug: Slug) -> ElectoralRoll:
    """Who may vote, in figures: frozen when voting opened, with later changes and their reasons."""
    membership = member_or_reader(request, slug, roll_is_for_members)
    conference, mine = membership.conference, None if membership.reads_only else membership
    ensure_frozen(conference=conference, membership=mine)
    election = conference.election
    figures = roll_figures(election) if election.roll_frozen_at else dict.fromkeys(FIGURES, 0)
    return ElectoralRoll(
        **figures | {"digest": figures.get("digest") or ""},
        frozen_at=election.roll_frozen_at,
        changes=[RollChanged.of(each) for each in roll_changes(election)],
        own=_own_entry(mine) if mine else None,
    )


FIGURES = ("size", "late", "added", "removed")


def _own_entry(membership: Membership) -> OwnEntry:
    entry = roll_entry_of(membership)
    if entry is None:
        return OwnEntry(state="not_on_roll", entry="", source="")
    if entry.removed_at:
        return OwnEntry(state="removed", entry="", source="")
    return OwnEntry(state="on_roll", entry=entry.leaf, source=source_of(entry) if entry.salt else "")


@router.get(
    "conferences/{slug}/roll/entries/",
    scope=Scope.READ,
    answer=RollEntries,
    summary="All entries of the electoral roll",
)
def electoral_roll_entries(request: PersonRequest, slug: Slug) -> RollEntries:
    """Digests, so that each voter finds their own and no one else's."""
    membership = member_or_reader(request, slug, roll_is_for_members)
    with heavy_work(ROLL_DOWNLOADS, request):
        ensure_frozen(conference=membership.conference)
        return RollEntries(entries=roll_csv(membership.conference.election))
