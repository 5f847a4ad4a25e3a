"""What the pages of conferences show of the vote."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from conferences.admission.options import JoinOptions
from conferences.models import Conference, Membership
from conferences.page_parts import PagePart
from voting.elections.eligibility import bar_of
from voting.elections.panels.conference import conditions_panel, voting_panel, window_note
from voting.elections.participation import Participation, participation_of
from voting.elections.results import was_tally_live
from voting.elections.voiding import valid_vote


def voting_facts(user: Any, membership: Membership | None, options: JoinOptions) -> dict[str, Any]:
    conference = options.conference
    mine = participation_of(person=user, conference=conference, membership=membership)
    return {
        "voting": voting_panel(mine),
        "conditions": conditions_panel(mine, options),
        "window_note": window_note(conference),
        "given_up": _given_up(mine),
        "is_too_late": mine.is_too_late,
        "was_tally_live": was_tally_live(conference),
    }


def _given_up(mine: Participation) -> str:
    """The answer of the decision that the member would give up by leaving; empty if there is none."""
    if mine.membership and mine.conference.election.speaker_id == mine.membership.pk:
        return "accepted"
    return "pending" if mine.result == "asked" else ""


def membership_states(user: User, conferences: Iterable[Conference]) -> dict[int, str]:
    """The state of the person's membership in each of these conferences that they joined."""
    mine = Membership.objects.current().filter(user=user, conference__in=[c.pk for c in conferences])
    mine = mine.select_related("conference__election", "vote", "roll_entry")
    return {m.conference_id: _state_of(m) for m in mine}


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
