"""What waits for a person who runs something. Each app registers what it contributes when the site starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Value

from accounts.permissions import Viewer, runs_something
from confbox.kit.panels import Panel
from conferences.models import Conference

ORGANISER_PANEL = "conferences/teams/organiser_panel"


@dataclass(frozen=True)
class Waiting:
    """One kind of thing that waits: rows that this person may settle, each of one conference.

    `rows` asks for the permission in the conference, so that no one learns of what is not theirs.
    """

    # The one with the lowest is the next step.
    urgency: int
    rows: Callable[[Viewer], QuerySet]  # type: ignore[type-arg]
    # The path from a row to its conference.
    to_conference: str
    words: Callable[[int], str]
    # Where they are settled, by the ID of the conference.
    url: Callable[[int], str]

    def counts(
        self, user: Viewer, place: int, *, rehearsal: Conference | None
    ) -> "QuerySet[Any, tuple[int, int, int]]":
        """This kind's place among all, the ID of each conference, and how many wait in it."""
        which = {self.to_conference: rehearsal} if rehearsal else {f"{self.to_conference}__rehearses": None}
        rows = self.rows(user).filter(**which).order_by().values(self.to_conference).annotate(n=Count("pk"))
        counted: QuerySet[Any, tuple[int, int, int]] = rows.annotate(place=Value(place)).values_list(
            "place", self.to_conference, "n"
        )
        return counted


@dataclass(frozen=True)
class Wait:
    """What waits in one conference."""

    kind: Waiting
    number: int
    conference_id: int

    @property
    def words(self) -> str:
        return self.kind.words(self.number)

    @property
    def url(self) -> str:
        return self.kind.url(self.conference_id)


WAITING: list[Waiting] = []


def waits_of(user: Viewer, *, rehearsal: Conference | None = None) -> dict[int, list[Wait]]:
    """By the ID of the conference, the most urgent first: one query, however many kinds there are.

    What waits in a rehearsal is shown on its own page alone.
    """
    found: dict[int, list[Wait]] = {}
    kinds = sorted(WAITING, key=lambda kind: kind.urgency)
    counts = [kind.counts(user, place, rehearsal=rehearsal) for place, kind in enumerate(kinds)]
    for place, pk, number in sorted(counts[0].union(*counts[1:], all=True)):
        found.setdefault(pk, []).append(Wait(kinds[place], number, pk))
    return found


def total_of(waits: dict[int, list[Wait]]) -> int:
    return sum(wait.number for each in waits.values() for wait in each)


def organiser_panel(user: Viewer) -> Panel | None:
    """Leads people who run something to their dashboard; None for all others, for whom it asks nothing."""
    if not runs_something(user):
        return None
    number = total_of(waits_of(user))
    return Panel(ORGANISER_PANEL, "waiting" if number else "quiet", {"number": number})
