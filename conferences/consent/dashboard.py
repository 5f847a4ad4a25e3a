"""Requests for a second person, for the dashboard of those who may confirm them."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.permissions import Viewer
from conferences.models import ConsentRequest
from conferences.teams.dashboard import Waiting


def _rows(user: Viewer) -> QuerySet[ConsentRequest]:
    return ConsentRequest.objects.waiting_for(user)


def _words(number: int) -> str:
    said = ngettext(
        "%(n)d request that waits for you as the second person",
        "%(n)d requests that wait for you as the second person",
        number,
    )
    return said % {"n": number}


def _url(conference_id: int) -> str:
    return reverse("admin:conferences_consent", args=[conference_id])


# First, as it lapses within a day.
CONSENT = Waiting(urgency=10, rows=_rows, to_conference="conference", words=_words, url=_url)
