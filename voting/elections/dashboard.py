"""Votes without a decision, an answer or rules, for the dashboard of those who decide or set them."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Viewer
from conferences.teams.dashboard import Waiting
from voting.elections.election.models import Election
from voting.elections.models import Decision


def _rows(user: Viewer) -> QuerySet[Election]:
    read = Election.objects.undecided().managed_by(user, "voting.view_election")
    return read.managed_by(user, "voting.add_decision")


def _words(number: int) -> str:
    return _("Choose the speaker")


def _url(conference_id: int) -> str:
    return reverse("admin:voting_election_decision", args=[conference_id])


def _unanswered(user: Viewer) -> QuerySet[Decision]:
    read = Decision.objects.overdue().managed_by(user, "voting.view_election")
    return read.managed_by(user, "voting.add_decision")


def _words_of_unanswered(number: int) -> str:
    return _("The chosen member did not answer in time")


def _without_rules(user: Viewer) -> QuerySet[Election]:
    read = Election.objects.without_rules().managed_by(user, "voting.view_election")
    return read.managed_by(user, "conferences.change_conference")


def _words_of_rules(number: int) -> str:
    return _("Set the rules of the vote")


def _url_of_rules(conference_id: int) -> str:
    return reverse("admin:voting_election_rules", args=[conference_id])


DECISIONS = Waiting(urgency=20, rows=_rows, to_conference="conference", words=_words, url=_url)
ANSWERS = Waiting(
    urgency=25, rows=_unanswered, to_conference="election__conference", words=_words_of_unanswered, url=_url
)
RULES = Waiting(
    urgency=50, rows=_without_rules, to_conference="conference", words=_words_of_rules, url=_url_of_rules
)
