"""What an import would do to the roster of a conference, before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from conferences.models import Conference, RosterEntry
from conferences.roster.look_alikes import LookAlike, look_alikes_of, same_mailboxes_of
from conferences.roster.rows import Listing, Row

Progress = Callable[[int, int], None]


class Stored(NamedTuple):
    """An entry as it is in the database."""

    pk: int
    email: str
    mailbox: str
    name: str
    reference: str
    removed_at: datetime | None
    removal_reason: str
    membership_id: int | None


@dataclass(frozen=True)
class StoredRow:
    """A row of the list that matches an existing entry which differs or was removed."""

    row: Row
    entry: Stored

    @property
    def name(self) -> str:
        return self.row.name or self.entry.name

    @property
    def reference(self) -> str:
        return self.row.reference or self.entry.reference

    @property
    def is_changed(self) -> bool:
        return (self.name, self.reference) != (self.entry.name, self.entry.reference)


@dataclass(frozen=True)
class Repeated:
    """A row whose mailbox occurs earlier in the list, perhaps in another spelling."""

    row: Row
    first: Row

    @property
    def is_spelled_otherwise(self) -> bool:
        return self.row.email != self.first.email


@dataclass
class RosterPlan:
    """What an import would do, or did."""

    new: list[Row] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)
    changed: list[StoredRow] = field(default_factory=list)
    restored: list[StoredRow] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)
    look_alikes: list[LookAlike] = field(default_factory=list)
    same_mailbox: list[LookAlike] = field(default_factory=list)
    missing: list[Stored] = field(default_factory=list)

    def version(self, *, removes_missing: bool = False) -> str:
        """Differs as soon as the import would do something else to existing entries."""
        parts = [f"{found.row} {found.entry}" for found in (*self.changed, *self.restored)]
        parts += [f"- {entry.pk}" for entry in self.missing] if removes_missing else []
        return sha256("\n".join(parts).encode()).hexdigest()[:32]

    @property
    def acts(self) -> int:
        """For how many people the import would write anything, if it removes no one."""
        return len(self.new) + len(self.changed) + len(self.restored)

    def changes_anything(self, *, removes_missing: bool = False) -> bool:
        return bool(self.acts or (removes_missing and self.missing))


def plan_import(*, conference: Conference, listing: Listing, progress: Progress | None = None) -> RosterPlan:
    columns = RosterEntry.objects.filter(conference=conference).order_by("mailbox")
    stored = {entry[2]: Stored(*entry) for entry in columns.values_list(*Stored._fields)}
    plan, seen = RosterPlan(), dict[str, Row]()
    for done, row in enumerate(listing.rows, start=1):
        first = seen.setdefault(row.mailbox, row)
        if first is row:
            _plan_row(plan, row, stored.get(row.mailbox))
        else:
            plan.repeated.append(Repeated(row, first))
        if progress:
            progress(done, len(listing.rows))
    present = [entry for entry in stored.values() if entry.removed_at is None]
    plan.missing = [entry for entry in present if entry.mailbox not in seen]
    added = [*plan.new, *(found.row for found in plan.restored)]
    new = [(row.line, row.email, row.mailbox) for row in added]
    there = [entry.mailbox for entry in present]
    plan.same_mailbox = same_mailboxes_of(new, there)
    shared = {alike.email for alike in plan.same_mailbox}
    plan.look_alikes = look_alikes_of([row for row in new if row[1] not in shared], there)
    return plan


def _plan_row(plan: RosterPlan, row: Row, entry: Stored | None) -> None:
    if entry is None:
        plan.new.append(row)
    elif entry.removed_at:
        plan.restored.append(StoredRow(row, entry))
    elif (found := StoredRow(row, entry)).is_changed:
        plan.changed.append(found)
    else:
        plan.known.append(row)
