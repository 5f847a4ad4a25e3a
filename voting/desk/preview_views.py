"""The pages of a conference as members see them, for its team, also before it is published."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from conferences.models import Conference, Membership
from conferences.overview.admin_views import conference_or_refuse
from conferences.views import conference_page
from voting.elections.ballot_views import ballot_page
from voting.elections.participation import Participation
from voting.elections.views import results_page

PAGES = {
    "preview": _("Page"),
    "preview_ballot": _("Ballot"),
    "preview_result": _("Result"),
}

BODY = b'<fieldset class="preview" disabled>'
# Links to a part of the same page stay.
HREF = re.compile(rb"""(<a\b[^>]*?)\shref=["'][^#"'][^"']*["']""")


@dataclass(frozen=True)
class PreviewPage:
    label: str | Promise
    url: str
    is_current: bool


def _strip(conference: Conference, current: str) -> dict[str, Any]:
    pages = [
        PreviewPage(label, reverse(f"admin:conferences_{name}", args=[conference.pk]), name == current)
        for name, label in PAGES.items()
    ]
    back = reverse("admin:conferences_overview", args=[conference.pk])
    return {"team_preview": {"pages": pages, "back": back}}


def _found(request: PersonRequest, pk: int) -> Conference:
    """As it will be once it is published; it is never stored."""
    conference = conference_or_refuse(request, pk)
    conference.is_preview = True
    if conference.status in (Conference.Status.DRAFT, Conference.Status.INACTIVE):
        conference.status = Conference.Status.ACTIVE
    return conference


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Without the links of what is shown: a draft has no such pages yet, and who looks is no member."""
    before, opening, rest = response.content.partition(BODY)
    body, closing, after = rest.partition(b"</main>")
    response.content = before + opening + HREF.sub(rb"\1", body) + closing + after
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def preview(request: PersonRequest, pk: int) -> HttpResponse:
    conference = _found(request, pk)
    return _unlisted(conference_page(request, conference, None, **_strip(conference, "preview")))


@require_safe
def preview_ballot(request: PersonRequest, pk: int) -> HttpResponse:
    conference = _found(request, pk)
    # One who may vote and has not voted yet.
    mine = Participation(conference, None, None, [], request.user)
    voter = Membership(conference=conference, user=request.user)
    return _unlisted(ballot_page(request, voter, mine, **_strip(conference, "preview_ballot")))


@require_safe
def preview_result(request: PersonRequest, pk: int) -> HttpResponse:
    conference = _found(request, pk)
    reader = Membership(conference=conference, user=request.user)
    return _unlisted(results_page(request, reader, **_strip(conference, "preview_result")))


def preview_urls(site: Any) -> list[URLPattern]:
    page, ballot, result = map(site.admin_view, (preview, preview_ballot, preview_result))
    return [
        path("<row:pk>/preview/", page, name="conferences_preview"),
        path("<row:pk>/preview/ballot/", ballot, name="conferences_preview_ballot"),
        path("<row:pk>/preview/result/", result, name="conferences_preview_result"),
    ]
