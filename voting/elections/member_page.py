"""What apps above this one add to the page of a member. Each registers its part when the site starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conferences.models import Membership


@dataclass(frozen=True)
class MemberPart:
    """A template for a place on the page of a member, and the facts that it finds in its context.

    `facts` gets the member who is shown and the member who looks, who may be the same.
    """

    facts: Callable[[Membership, Membership], dict[str, Any]]
    below_pitch: str


MEMBER_PARTS: list[MemberPart] = []


def facts_of(person: Membership, viewer: Membership) -> dict[str, Any]:
    facts: dict[str, Any] = {"parts": MEMBER_PARTS}
    for part in MEMBER_PARTS:
        facts |= part.facts(person, viewer)
    return facts
