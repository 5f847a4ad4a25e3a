"""Who may vote and cannot be reached, on the pages of a vote: how many, and who, why and since when."""

import re
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from confbox.kit.pagination import page_of
from confbox.kit.panels import Panel
from confbox.kit.search import has_words
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.campaigns.unreachable import (
    Unreachable,
    count_unreachable,
    still_matters,
    unreachable_voters,
)
from voting.desk.roll_panels import UNREACHABLE

UNREACHABLE_PANEL = "admin/voting/tally/unreachable_panel"
PER_PAGE = 100
CORRECT = "conferences.change_rosterentry"
# What the first status code in a mail server's reply says (RFC 3463).
REASONS = [
    (re.compile(r"\b5\.(1\.2|4\.4)\b"), _("This domain does not exist or takes no emails.")),
    (re.compile(r"\b5\.2\.1\b"), _("The mailbox has been closed.")),
    (re.compile(r"\b[45]\.2\.2\b"), _("The mailbox is full.")),
    (re.compile(r"\b5\.1\.\d|^55[0136]\b(?! [245]\.\d)"), _("There is no such mailbox.")),
]
OTHERWISE = _("Emails to it have come back several times.")


class UnreachableRow(NamedTuple):
    """`act` says what the person who looks can do to the entry of the roster."""

    name: str
    email: str
    why: Any
    reply: str
    since: str
    entry: int | None
    act: str


def number_unreachable(request: HttpRequest, conference: Conference) -> int:
    """None of a vote that is over: the list of voters does not lead to them any more."""
    if not still_matters(conference):
        return 0
    return count_unreachable(conference, with_roster=sees_roster(request, conference))


def unreachable_panel(request: HttpRequest, conference: Conference, words: str) -> tuple[Any, Panel]:
    """One page of them."""
    found = unreachable_voters(conference, with_roster=sees_roster(request, conference))
    shown = [person for person in found if has_words(f"{person.name} {person.email}", words)]
    page = page_of(request, shown, PER_PAGE)
    if not shown:
        return page, Panel(UNREACHABLE_PANEL, "nobody_found" if found else "nobody")
    act = _act(request, conference)
    rows = [_row(conference, person, act) for person in page]
    facts = {
        "rows": rows,
        "place": f"&show={UNREACHABLE}",
        "has_members": any(person.entry is None for person in found),
        "act": act if any(person.entry for person in found) else "",
    }
    return page, Panel(UNREACHABLE_PANEL, "people", facts)


def why_unreachable(reply: str) -> Any:
    return next((words for pattern, words in REASONS if pattern.search(reply)), OTHERWISE)


def _row(conference: Conference, person: Unreachable, act: str) -> UnreachableRow:
    since, act = in_zone(conference, person.since), act if person.entry else ""
    why = why_unreachable(person.reply)
    return UnreachableRow(person.name, person.email, why, person.reply, since, person.entry, act)


def _act(request: HttpRequest, conference: Conference) -> str:
    """Once an entry is on the list of voters, its address cannot be changed any more."""
    if not request.user.has_perm(CORRECT, conference):
        return ""
    return "remove" if conference.election.roll_frozen_at else "correct"


def sees_roster(request: HttpRequest, conference: Conference) -> bool:
    """Whether this organiser may see who may vote and has not joined."""
    return request.user.has_perm("conferences.change_conference", conference)
