"""What the pages of conferences show of the vote."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from conferences.models import Conference, Membership
from conferences.page_parts import PagePart
from voting.elections.election.models import VotingState
from voting.elections.eligibility import bar_of, conditions, is_too_late, next_step
from voting.elections.results import result_for, was_tally_live
from voting.elections.voiding import freed_in_words, own_vote, valid_vote
from voting.elections.window import changes_of_window


def voting_facts(user: Any, conference: Conference, membership: Membership | None) -> dict[str, Any]:
    """What the person who looks at the conference has done in its vote and what they can do."""
    vote = own_vote(membership)
    found = conditions(user=user, conference=conference, membership=membership) if user.pk else []
    mine = {
        "conditions": found,
        "can_vote": bool(found) and all(c.holds for c in found),
        "next_step": next_step(found=found, conference=conference),
        "result": _result_of(conference, membership),
        "window_changes": changes_of_window(conference),
        "is_speaker": membership is not None and conference.election.speaker_id == membership.pk,
        "is_too_late": conference.election.is_open() and is_too_late(conference, membership),
        "vote": valid_vote(vote),
        "freed": freed_in_words(vote),
        "was_tally_live": was_tally_live(conference),
    }
    return {"mine": mine}


def _result_of(conference: Conference, membership: Membership | None) -> str:
    """What the page of results has for this member; empty before the close and once the speaker is known."""
    is_closed = conference.election.state() == VotingState.CLOSED
    return result_for(membership=membership, conference=conference) if membership and is_closed else ""


def membership_states(user: User, conferences: Iterable[Conference]) -> dict[int, str]:
    """How the person stands in those of the conferences that they joined."""
    mine = Membership.objects.current().filter(user=user, conference__in=[c.pk for c in conferences])
    return {m.conference_id: _state_of(m) for m in mine.select_related("conference__election", "vote")}


def _state_of(membership: Membership) -> str:
    if not membership.conference.election.is_open():
        return "member"
    if valid_vote(getattr(membership, "vote", None)):
        return "voted"
    return "member" if bar_of(membership) else "waiting"


PART = PagePart(
    facts=voting_facts,
    above_membership="voting/elections/_above_membership.html",
    below_membership="voting/elections/_below_membership.html",
    before_leaving="voting/elections/_before_leaving.html",
)
