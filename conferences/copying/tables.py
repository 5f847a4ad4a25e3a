"""What a copy of a conference takes over, column by column.

Every column of these models is in exactly one of the lists; a test fails for a new one that is in none.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models

from conferences.models import Admission, Conference, RosterEntry, TeamMember


@dataclass(frozen=True, kw_only=True)
class Table:
    model: type[models.Model]
    copied: tuple[str, ...]
    # What the organiser enters for the copy, or what is written anew for it.
    new: tuple[str, ...]
    # What the copy starts without.
    left: tuple[str, ...]

    def values_of(self, row: Any) -> dict[str, Any]:
        """What the copy of this row takes over."""
        return {name: getattr(row, name) for name in self.copied}

    @property
    def listed(self) -> list[str]:
        return [*self.copied, *self.new, *self.left]


TEXTS = ("topic", "place", "time_zone", "website", "contact_name", "contact_email", "agenda")
ACCESS = ("visibility", "members_are_listed", "one_account_per_mailbox")
CONFERENCE = Table(
    model=Conference,
    copied=(*TEXTS, *ACCESS),
    new=("title", "slug", "starts_at", "ends_at", "series", "created_by", "created_at"),
    left=(
        *("id", "status", "previous_starts_at", "stopped_at", "stop_reason", "has_dates", "updated_at"),
        "rehearses",
    ),
)
ADMISSION = Table(
    model=Admission,
    copied=("everyone", "roster", "email_domains", "approval"),
    new=("conference",),
    left=("id", "updated_at"),
)
TEAM_MEMBER = Table(
    model=TeamMember,
    copied=("person", "role"),
    new=("conference", "joined_at", "added_by"),
    left=("id", "series"),
)
ROSTER_ENTRY = Table(
    model=RosterEntry,
    copied=("email", "mailbox", "name", "reference"),
    # The inbox is derived from the mailbox, and names in order from the name.
    new=("conference", "inbox", "sort_name", "from_last_word", "listed_at", "created_by"),
    left=("id", "invited_at", "removed_at", "removal_reason", "membership"),
)
TABLES = [CONFERENCE, ADMISSION, TEAM_MEMBER, ROSTER_ENTRY]
