"""What apps above this one add to the page of a roster. Each registers its part when the site starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.requests import PersonRequest
from confbox.kit.panels import Panel
from conferences.models import Conference, RosterEntry


@dataclass(frozen=True)
class Shown:
    """The entries on the page, and whether it counts those of the whole roster."""

    entries: Sequence[RosterEntry]
    is_counted: bool


@dataclass(frozen=True)
class RosterPart:
    """Templates for places on the page of a roster, and the facts that they find in its context.

    `facts` may give the entries on the page a `note`. `removal_notice` says on the page that removes an
    entry who would have to confirm that.
    """

    facts: Callable[[PersonRequest, Conference, Shown], dict[str, Any]]
    above_entries: str
    of_entry: str
    removal_notice: Callable[[PersonRequest, RosterEntry], Panel | None] | None = None


ROSTER_PARTS: list[RosterPart] = []


def facts_of(request: PersonRequest, conference: Conference, shown: Shown) -> dict[str, Any]:
    facts: dict[str, Any] = {"parts": ROSTER_PARTS}
    for part in ROSTER_PARTS:
        facts |= part.facts(request, conference, shown)
    return facts


def removal_notice(request: PersonRequest, entry: RosterEntry) -> Panel | None:
    """Who would have to confirm that this entry is removed; None if no one has to."""
    found = (part.removal_notice(request, entry) for part in ROSTER_PARTS if part.removal_notice)
    return next(filter(None, found), None)
