"""What the parts of the pages of conferences show, by their state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.safestring import SafeString

from accounts.models import User
from confbox.kit.fragments import fragment
from confbox.kit.panels import Panel
from conferences.admission.options import JoinOptions
from conferences.changes.dates import in_words
from conferences.local_times import days_of
from conferences.models import Conference, ConferenceChange, Membership
from conferences.page_parts import with_membership_states
from conferences.templatetags.dates import time_left

VOTING_BADGE = "conferences/voting_badge"
MEMBERSHIP_BADGE = "conferences/membership_badge"
NONE_FOUND = "conferences/none_found"
MEMBERSHIP_PANEL = "conferences/membership_panel"
MEMBERS_NOTE = "conferences/members_note"
VISIBILITY_BADGE = "conferences/visibility_badge"
LISTING_PANEL = "conferences/listing_panel"
STATUS_NOTICE = "conferences/status_notice"


def voting_badge(conference: Conference) -> Panel:
    election = conference.election
    state = "cancelled" if conference.is_cancelled else str(election.state())
    until = {"open": election.closes_at, "scheduled": election.opens_at}.get(state)
    return Panel(VOTING_BADGE, state, {"left": time_left(until) if until else ""})


def status_notice(conference: Conference) -> Panel | None:
    """That it does not take place, is off the list, takes place after all, or was moved; else None."""
    if conference.status in (Conference.Status.CANCELLED, Conference.Status.INACTIVE):
        return Panel(STATUS_NOTICE, conference.status)
    if conference.stop_reason and not conference.is_over():
        return Panel(STATUS_NOTICE, "reinstated", {"reason": conference.stop_reason})
    # Without it, there was no move to ask for: most pages cost no query more.
    if not conference.previous_starts_at or conference.is_over():
        return None
    move = conference.changes.filter(act=ConferenceChange.Act.MOVED).order_by("pk").last()
    if move is None:
        return None
    before = in_words(move.before, names_zone=move.before["time_zone"] != move.after["time_zone"])
    return Panel(STATUS_NOTICE, "moved", {"before": before, "reason": move.reason})


def visibility_badge(conference: Conference) -> Panel | None:
    """Who else finds this conference; None if everyone does."""
    if conference.visibility == Conference.Visibility.PUBLIC:
        return None
    return Panel(VISIBILITY_BADGE, conference.visibility)


@dataclass(frozen=True)
class Badge:
    """A panel, as its template reads it."""

    template: str
    left: str
    """The time until voting opens or closes, in words; empty for all others."""


@dataclass(frozen=True)
class ConferenceCard:
    """A conference in a list: all that is printed of it, so what was rendered can be kept."""

    path: str
    title: str
    days: str
    place: str
    topic: str
    starts_at: datetime | None
    time_zone: str
    badges: tuple[Badge, ...]
    is_highlighted: bool
    """Whether voting is open and the reader may still have to vote."""

    def html(self) -> SafeString:
        return fragment("conferences/_conference_card.html", self)


def conference_cards(person: User | AnonymousUser, conferences: Iterable[Conference]) -> list[ConferenceCard]:
    return [conference_card(*row) for row in with_membership_states(person, conferences)]


def conference_card(conference: Conference, membership_state: str) -> ConferenceCard:
    """The state is “waiting” for the reader's vote, “voted”, “member”, or empty."""
    membership = Panel(MEMBERSHIP_BADGE, membership_state) if membership_state else None
    found = (voting_badge(conference), membership, visibility_badge(conference))
    return ConferenceCard(
        path=conference.get_absolute_url(),
        title=conference.title,
        days=days_of(conference),
        place=conference.place,
        topic=conference.topic,
        starts_at=conference.starts_at,
        time_zone=conference.time_zone,
        badges=tuple(Badge(badge.template, badge.facts.get("left", "")) for badge in found if badge),
        is_highlighted=conference.election.is_open() and membership_state in ("waiting", ""),
    )


def none_found(*, words: str, shown: str) -> Panel:
    """The text for an empty list; `shown` is the list: upcoming, past or mine."""
    return Panel(NONE_FOUND, "search" if words else shown)


def membership_panel(options: JoinOptions, membership: Membership | None, facts: Mapping[str, Any]) -> Panel:
    """For leaving or joining; `facts` are those of the vote, from `page_parts.facts_of`."""
    conference = options.conference
    known = {
        "is_voting_over": conference.election.is_count_final(),
        "is_for_members_only": conference.visibility == Conference.Visibility.MEMBERS_ONLY,
        "listing": listing_panel(membership) if membership else None,
        "members_note": members_note(conference, is_too_late=facts["is_too_late"]),
        "was_tally_live": facts["was_tally_live"],
    }
    if membership:
        return Panel(MEMBERSHIP_PANEL, _state_of_member(conference), known)
    if conference.is_cancelled:
        return Panel(MEMBERSHIP_PANEL, "cancelled", known)
    if not conference.is_joinable():
        return Panel(MEMBERSHIP_PANEL, "over" if conference.is_over() else "not_joinable", known)
    return _panel_of_visitor(options, known)


def listing_panel(membership: Membership) -> Panel:
    """Whether other members see this one, and the member's choice."""
    election = membership.conference.election
    facts = {
        "is_listed": membership.wants_to_be_listed,
        "is_voting_over": election.is_count_final(),
        "publishes_participants": election.publishes_participants,
    }
    if membership.stands or election.speaker_id == membership.pk:
        return Panel(LISTING_PANEL, "always_shown", facts)
    return Panel(LISTING_PANEL, "hidden" if membership.is_hidden else "listed", facts)


def members_note(conference: Conference, *, is_too_late: bool) -> Panel:
    """What those who join now can do as members."""
    if conference.election.is_count_final():
        return Panel(MEMBERS_NOTE, "after_voting")
    if conference.election.only_roster_votes():
        return Panel(MEMBERS_NOTE, "roster_votes")
    return Panel(MEMBERS_NOTE, "too_late" if is_too_late else "can_vote")


def _state_of_member(conference: Conference) -> str:
    if conference.election.is_count_final():
        return "member_after_voting"
    return "member" if conference.status == Conference.Status.ACTIVE else "member_of_inactive"


def _panel_of_visitor(options: JoinOptions, known: Mapping[str, Any]) -> Panel:
    """How this person can join, or what they need for it."""
    if options.way:
        return Panel(MEMBERSHIP_PANEL, "can_join", known)
    ways, request = options.ways, options.request
    if not (ways.everyone or ways.needs or request):
        return Panel(MEMBERSHIP_PANEL, "not_joinable", known)
    # To those who were declined for good, approval is no way any more.
    needs = replace(ways, approval=False).needs if request and request.is_final else ways.needs
    facts = {**known, "ways": ways, "needs": needs, "request": request}
    return Panel(MEMBERSHIP_PANEL, "needs_way" if options.user else "can_sign_up", facts)
