"""What a conference needs before its vote, in lines. Each app registers its own when the site starts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse

from accounts.permissions import Viewer
from conferences.models import Conference


class State(StrEnum):
    DONE = "done"
    TO_DO = "to_do"
    # Voting would not open, or no one could vote.
    REFUSES = "refuses"
    NOT_NEEDED = "not_needed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Look:
    """A conference, and what the person who looks at it may do there."""

    conference: Conference
    person: Viewer
    permissions: Collection[str]

    def may(self, *permissions: str) -> bool:
        return set(permissions) <= set(self.permissions)


@dataclass(frozen=True)
class Line:
    name: str
    title: str
    state: State
    words: str
    # Where it is looked at or settled, and what the link says; empty for those who may not open it.
    url: str = ""
    link: str = ""
    # Why voting will not open, to follow a colon: “the rules are not set”.
    refusal: str = ""
    # Whether the person can settle it at that page.
    is_theirs: bool = False
    # Whether it is the next step before all others that are to do.
    is_first: bool = False

    @property
    def template(self) -> str:
        return f"admin/conferences/overview/line_state/{self.state}.html"


@dataclass(frozen=True)
class Kind:
    """Computes one line, or none where it does not apply. The lowest `order` comes first."""

    order: int
    line: Callable[[Look], Line | None]


KINDS: list[Kind] = []


def look_at(person: Viewer, conference: Conference) -> Look:
    return Look(conference, person, person.get_all_permissions(conference))


def lines_of(look: Look) -> list[Line]:
    found = [kind.line(look) for kind in sorted(KINDS, key=lambda kind: kind.order)]
    return [line for line in found if line]


def refusals_of(look: Look, lines: list[Line]) -> list[Line]:
    """The lines that keep voting from opening; none once it has opened, or where there will be no vote."""
    conference = look.conference
    is_past = conference.election.has_opened() or conference.election.decided_at or conference.is_over()
    return (
        [] if is_past or conference.is_cancelled else [line for line in lines if line.state is State.REFUSES]
    )


def page_of(look: Look, name: str, *needed: str) -> str:
    """The URL of this page of the conference, for those who have the permissions."""
    return reverse(f"admin:{name}", args=[look.conference.pk]) if look.may(*needed) else ""
