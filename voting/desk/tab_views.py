"""The tabs of the vote of one conference: turnout, candidates, decision and result."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from confbox.kit.pagination import place_of
from conferences.models import Conference
from voting.desk.access import conference_or_refuse, page_context
from voting.desk.page import candidates_context, decision_context, result_context, turnout_context


@require_safe
def old_page(request: HttpRequest, conference_id: int) -> HttpResponse:
    """All this was one page once; links to it lead on, with a search to where it finds people."""
    conference = conference_or_refuse(request, conference_id)
    if request.GET.get("q"):
        found = reverse("admin:voting_election_candidates", args=[conference.pk])
        return redirect(found + place_of(request.GET))
    return redirect("admin:voting_election_turnout", conference.pk)


@require_safe
@vary_on_headers("HX-Request")
def turnout(request: HttpRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    shown = turnout_context(request, conference)
    return _page(request, conference, "turnout", shown | {"subtitle": _("Turnout")})


@require_safe
def candidates(request: HttpRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    shown = candidates_context(request, conference)
    return _page(request, conference, "candidates", shown | {"subtitle": _("Candidates")})


@require_safe
def decision(request: HttpRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    shown = decision_context(request, conference)
    return _page(request, conference, "decision", shown | {"subtitle": _("Decision")})


@require_safe
@vary_on_headers("HX-Request")
def result(request: HttpRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    shown = result_context(request, conference)
    return _page(request, conference, "result", shown | {"subtitle": _("Result")})


def _page(request: HttpRequest, conference: Conference, tab: str, shown: dict[str, Any]) -> HttpResponse:
    """The page; for polling requests only the part that changes."""
    is_polling = request.headers.get("HX-Request") == "true"
    template = f"_live_{tab}" if is_polling and tab in ("turnout", "result") else tab
    context = page_context(request, conference, tab) | shown
    return render(request, f"admin/voting/tally/{template}.html", context)
