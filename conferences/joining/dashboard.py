"""Requests to join, for the dashboard of those who answer them."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.permissions import Viewer
from conferences.joining.emails import MAY_ANSWER
from conferences.models import Conference, JoinRequest
from conferences.teams.dashboard import Waiting


def _rows(user: Viewer) -> QuerySet[JoinRequest]:
    active = Conference.objects.managed_by(user, MAY_ANSWER).filter(status=Conference.Status.ACTIVE)
    return JoinRequest.objects.to_answer().filter(conference__in=active.order_by().values("pk"))


def _words(number: int) -> str:
    return ngettext("%(n)d request to join", "%(n)d requests to join", number) % {"n": number}


def _url(conference_id: int) -> str:
    return reverse("admin:conferences_joining", args=[conference_id])


REQUESTS = Waiting(urgency=30, rows=_rows, to_conference="conference", words=_words, url=_url)
