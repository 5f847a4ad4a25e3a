"""What "My page" shows of each conference that the person joined."""

from confbox.kit.panels import Panel
from conferences.models import Membership
from conferences.panels import voting_badge
from voting.elections.election.models import VotingState
from voting.elections.eligibility import bar_of
from voting.elections.voiding import valid_vote, why_void

MY_CONFERENCE = "voting/home/my_conference"


def my_conference_panel(membership: Membership) -> Panel:
    """Runs no query: the vote and its candidate were loaded with the membership."""
    own_vote, bar = getattr(membership, "vote", None), bar_of(membership)
    vote, election = valid_vote(own_vote), membership.conference.election
    facts = {
        "conference": membership.conference,
        "badge": voting_badge(membership.conference),
        "vote": vote,
        "bar": bar,
        "why_void": why_void(own_vote),
        "is_speaker": election.speaker_id == membership.pk,
    }
    if election.is_open():
        return Panel(MY_CONFERENCE, "voted" if vote else "cannot_vote" if bar else "vote_waiting", facts)
    return Panel(MY_CONFERENCE, "decided" if election.state() == VotingState.DECIDED else "not_open", facts)
