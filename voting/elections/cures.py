"""What mends each condition for voting that does not hold: a button, a link, or nothing but waiting."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from conferences.admission.options import JoinOptions
from conferences.matching import free_entry
from conferences.models import Conference, Membership
from voting.elections.election.models import VotingState
from voting.elections.eligibility import Condition, is_on_roster, roll_entry_of


@dataclass(frozen=True)
class Cure:
    """A link, or a form with this button."""

    label: str
    path: str
    is_post: bool = False
    # What the person should know before they follow it.
    note: str = ""


@dataclass(frozen=True)
class Reader:
    """A person who is logged in, with or without a membership."""

    options: JoinOptions
    membership: Membership | None
    # Whether the page of results shows them anything.
    has_result: bool = False

    @property
    def conference(self) -> Conference:
        return self.options.conference


def cures_of(condition: Condition, reader: Reader) -> list[Cure]:
    """What this person can do, the best first; empty if it holds, or if only time or others mend it."""
    find = CURES.get(condition.name)
    return find(reader) if find and not condition.holds else []


def _join(reader: Reader) -> list[Cure]:
    """The button, if a rule admits the person; otherwise the ways in that there are."""
    conference = reader.conference
    if not conference.is_joinable():
        return []
    if reader.options.way:
        return [Cure(_("Join now"), reverse("join-conference", args=[conference.slug]), is_post=True)]
    ways, request = reader.options.ways, reader.options.request
    offered = {
        "join-by-code": (ways.code, _("I have a join code")),
        "ticket": (ways.roster, _("My ticket is under another email address")),
    }
    open_ways = ((page, label) for page, (is_open, label) in offered.items() if is_open)
    cures = [Cure(label, reverse(page, args=[conference.slug])) for page, label in open_ways]
    if request:
        asked = reverse("request-to-join", args=[conference.slug])
        cures.append(Cure(request.link, asked, note=request.in_words))
    return cures


def _confirm_address(_reader: Reader) -> list[Cure]:
    return [Cure(_("Confirm my email address"), reverse("account_email"))]


def _claim_ticket(reader: Reader) -> list[Cure]:
    """Where an entry of the roster helps. Who was removed or listed too late asks the organisers."""
    member, conference = reader.membership, reader.conference
    if not conference.election.only_roster_votes() or member is None:
        return []
    if is_on_roster(member) or roll_entry_of(member):
        return []
    cures = [Cure(_("My ticket is under another email address"), reverse("ticket", args=[conference.slug]))]
    if free_entry(user=member.user, conference=conference):
        claim = reverse("claim-ticket", args=[conference.slug])
        return [Cure(_("Use my ticket"), claim, is_post=True), *cures]
    return cures


def _wait(reader: Reader) -> list[Cure]:
    """Until voting opens there is the calendar; once it is over, the result."""
    conference = reader.conference
    if conference.election.state() == VotingState.SCHEDULED:
        return [Cure(_("Add it to my calendar"), reverse("conference-calendar", args=[conference.slug]))]
    return _see_result(reader)


def _see_result(reader: Reader) -> list[Cure]:
    if not reader.has_result:
        return []
    return [Cure(_("See the result"), reverse("results", args=[reader.conference.slug]))]


CURES: dict[str, Callable[[Reader], list[Cure]]] = {
    "member": _join,
    "address": _confirm_address,
    "on-roster": _claim_ticket,
    "on-roll": _claim_ticket,
    "open": _wait,
    "undecided": _see_result,
}
