"""What a candidate's public page shows to anyone who has the link."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.models import Conference, Membership
from conferences.panels import voting_badge
from voting.elections.election.models import VotingState
from voting.elections.eligibility import is_too_late

NEXT_STEP = "voting/elections/next_step"
VOTERS_NOTE = "voting/elections/voters_note"


def next_step_panel(
    person: User | AnonymousUser, conference: Conference, membership: Membership | None
) -> Panel:
    state, note = conference.election.state(), voters_note(conference, membership)
    facts = {
        "election": conference.election,
        "badge": voting_badge(conference),
        "is_open": state == VotingState.OPEN,
        "is_unscheduled": state == VotingState.UNSCHEDULED,
        "is_voting_over": conference.election.is_count_final(),
        "voters_note": note,
        "can_still_vote": note.state == "can_vote",
    }
    return Panel(NEXT_STEP, _state_of_reader(person, conference, membership), facts)


def voters_note(conference: Conference, membership: Membership | None) -> Panel:
    """Whether those who join now can vote."""
    if conference.election.is_count_final():
        return Panel(VOTERS_NOTE, "after_voting")
    if conference.election.only_roster_votes():
        return Panel(VOTERS_NOTE, "roster_votes")
    return Panel(VOTERS_NOTE, "too_late" if is_too_late(conference, membership) else "can_vote")


def _state_of_reader(
    person: User | AnonymousUser, conference: Conference, membership: Membership | None
) -> str:
    if membership:
        return "member"
    if not conference.is_joinable():
        return "over"
    return "can_join" if person.is_authenticated else "can_sign_up"
