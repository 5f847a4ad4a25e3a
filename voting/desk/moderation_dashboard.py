"""Reports of members, and hidden pitches to look at again, for the dashboard of those who moderate."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.permissions import Viewer
from conferences.models import Membership
from conferences.series.roles.models import MODERATE
from conferences.teams.dashboard import Waiting
from voting.elections.moderation.emails import PAGE
from voting.elections.moderation.models import Report
from voting.elections.moderation.passing_on_emails import PASSED_ON as QUEUE
from voting.elections.moderation.reporting import without_request


def _asked(user: Viewer) -> QuerySet[Membership]:
    found = Membership.objects.managed_by(user, MODERATE).of_active_people()
    return found.filter(showing_asked_at__isnull=False)


def _words(number: int) -> str:
    said = ngettext("%(n)d hidden pitch to look at again", "%(n)d hidden pitches to look at again", number)
    return said % {"n": number}


def _reports(user: Viewer) -> QuerySet[Report]:
    return without_request(Report.objects.to_settle().managed_by(user))


def _words_of_reports(number: int) -> str:
    return ngettext("%(n)d report of a member", "%(n)d reports of members", number) % {"n": number}


def _passed_on(user: Viewer) -> QuerySet[Report]:
    return Report.objects.passed_on_to(user)


def _words_of_passed_on(number: int) -> str:
    words = ngettext("%(n)d report was passed on to you", "%(n)d reports were passed on to you", number)
    return words % {"n": number}


def _url_of_passed_on(conference_id: int) -> str:
    return reverse(QUEUE)


def _url(conference_id: int) -> str:
    return reverse(PAGE, args=[conference_id])


PITCHES = Waiting(urgency=35, rows=_asked, to_conference="conference", words=_words, url=_url)
PASSED_ON = Waiting(
    urgency=24,
    rows=_passed_on,
    to_conference="membership__conference",
    words=_words_of_passed_on,
    url=_url_of_passed_on,
)
REPORTS = Waiting(
    urgency=25, rows=_reports, to_conference="membership__conference", words=_words_of_reports, url=_url
)
