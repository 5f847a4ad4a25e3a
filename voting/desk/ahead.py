"""What happens next in a vote, and when, for a person of the team who has nothing left to do."""

from django.utils.translation import gettext as _

from conferences.local_times import days_of, in_zone
from conferences.models import Conference
from conferences.organising.checklist import Look
from voting.elections.election.models import VotingState

CHOOSE, READ_DECISION = "voting.add_decision", "voting.view_decision"


def what_is_ahead(look: Look) -> str:
    conference, election = look.conference, look.conference.election
    if conference.status == Conference.Status.DRAFT:
        return _("It is a draft: the next step is that it is published.")
    if conference.status != Conference.Status.ACTIVE or conference.is_over():
        return ""
    times = {
        "opens": in_zone(conference, election.opens_at),
        "closes": in_zone(conference, election.closes_at),
        "days": days_of(conference),
    }
    return _words_of(look)[election.state()] % times


def _words_of(look: Look) -> dict[VotingState, str]:
    chooses = look.may(CHOOSE)
    is_asked = look.conference.election.decided_at and look.may(READ_DECISION)
    after = _("You choose the speaker after that.") if chooses else _("The organisers choose after that.")
    closed = _("Voting has closed, and the organisers choose the speaker.")
    answering = _("The chosen member has not answered yet.")
    return {
        VotingState.UNSCHEDULED: "",
        VotingState.SCHEDULED: _("Voting opens on %(opens)s and closes on %(closes)s."),
        VotingState.OPEN: " ".join((_("Voting closes on %(closes)s."), after)),
        VotingState.CLOSED: answering if is_asked else closed,
        VotingState.DECIDED: _("The speaker is chosen. The conference takes place: %(days)s."),
        VotingState.CANCELLED: "",
    }
