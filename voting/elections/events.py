"""What webhooks are notified of: that voting opened or closed and what was decided, never a figure."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference
from conferences.outbox.events import emit
from conferences.outbox.kinds import EventKind, page_for_team, page_of_conference
from conferences.outbox.models import WebhookEvent
from voting.elections.election.models import Election
from voting.elections.models import Decision


def _results(event: WebhookEvent) -> str:
    assert event.conference
    return reverse("results", args=[event.conference.slug])


VOTING_OPENED = EventKind(
    name="voting.opened",
    label=_("Voting opened"),
    sentence=_("Voting at %(conference)s is open."),
    page=page_of_conference,
)
VOTING_CLOSED = EventKind(
    name="voting.closed",
    label=_("Voting closed"),
    sentence=_("Voting at %(conference)s has closed."),
    page=page_of_conference,
)
DECISION_MADE = EventKind(
    name="decision.made",
    label=_("A speaker was chosen"),
    sentence=_("A speaker was chosen for %(conference)s, and is asked to accept."),
    page=page_for_team("voting_election_decision"),
)
DECISION_ANSWERED = EventKind(
    name="decision.answered",
    label=_("A choice of the speaker was answered or withdrawn"),
    sentence=_("The choice of the speaker of %(conference)s was answered or withdrawn."),
    page=page_for_team("voting_election_decision"),
)
RESULT_PUBLISHED = EventKind(
    name="result.published",
    label=_("Members see the result"),
    sentence=_("The result of the vote at %(conference)s is published."),
    page=_results,
)
OF_ELECTIONS = [VOTING_OPENED, VOTING_CLOSED, DECISION_MADE, DECISION_ANSWERED, RESULT_PUBLISHED]


def emit_close(conference: Conference) -> None:
    """Also that members see the result, unless the rules show it after the decision only."""
    emit(VOTING_CLOSED, conference, only_once=True)
    if conference.election.results_visibility != Election.ResultsVisibility.AFTER_DECISION:
        emit(RESULT_PUBLISHED, conference, only_once=True)


def emit_answer(election: Election, decision: Decision, answer: Decision.Answer) -> None:
    """Once a speaker has accepted, members see the result, whatever the rules."""
    of_decision = {"decision_id": decision.pk, "member_id": decision.speaker_id, "state": answer.value}
    emit(DECISION_ANSWERED, election.conference, of_decision)
    if answer == Decision.Answer.ACCEPTED:
        emit(RESULT_PUBLISHED, election.conference, only_once=True)
