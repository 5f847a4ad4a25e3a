"""What apps above this one add to its pages. Each registers its part when the site starts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from conferences.admission.options import JoinOptions
from conferences.models import Conference, Membership


@dataclass(frozen=True)
class PagePart:
    """Templates for places on the page of a conference, and the facts that they find in its context.

    The panel of the membership needs two of the facts: `is_too_late`, whether joining is too late for
    voting, and `was_tally_live`, whether leaving can show how the member voted.
    """

    facts: Callable[[Any, Membership | None, JoinOptions], dict[str, Any]]
    above_membership: str
    below_membership: str
    before_leaving: str


PARTS: list[PagePart] = []
# Per conference ID the state of a membership ("member", "voted", "waiting"), for the cards of a list.
MEMBERSHIP_STATES: list[Callable[[User, Iterable[Conference]], dict[int, str]]] = []


def facts_of(user: Any, membership: Membership | None, options: JoinOptions) -> dict[str, Any]:
    facts: dict[str, Any] = {"parts": PARTS}
    for part in PARTS:
        facts |= part.facts(user, membership, options)
    return facts


def with_membership_states(user: Any, conferences: Iterable[Conference]) -> list[tuple[Conference, str]]:
    listed, found = list(conferences), dict[int, str]()
    if isinstance(user, User):
        for states in MEMBERSHIP_STATES:
            found |= states(user, listed)
    return [(conference, found.get(conference.pk, "")) for conference in listed]
