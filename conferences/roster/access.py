"""What every page of a roster starts with: the permission check, and what all pages show."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from confbox.kit.pagination import place_of
from conferences.models import Conference, RosterEntry, RosterState
from conferences.namesakes import with_namesakes
from conferences.organising.pages import shared_context

READ, WRITE = "conferences.view_rosterentry", "conferences.change_rosterentry"
CHANGE, ADMIT = "conferences.change_conference", "conferences.admit_membership"


def conference_or_refuse(request: HttpRequest, conference_id: int, permission: str = CHANGE) -> Conference:
    """The conference, if the person has this permission in it."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    conferences = with_namesakes(Conference.objects.managed_by(request.user, permission))
    return get_object_or_404(conferences.select_related("election", "admission"), pk=conference_id)


def entry_or_404(conference: Conference, entry_id: int) -> RosterEntry:
    entries = RosterEntry.objects.filter(conference=conference).select_related("membership__user")
    entry = get_object_or_404(entries, pk=entry_id)
    entry.conference = conference
    return entry


def roster_url(request: HttpRequest, conference: Conference) -> str:
    """The page of the roster, with the search from which the person came."""
    return roster_page(conference.pk, request.GET)


def roster_page(conference_id: int, query: QueryDict) -> str:
    return reverse("admin:conferences_roster", args=[conference_id]) + place_in_roster(query)


def place_in_roster(query: QueryDict) -> str:
    return place_of(query, state=RosterState.values)


def page(request: HttpRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = shared_context(request, conference, "roster") | {
        "roster_url": roster_url(request, conference),
        "whole_roster_url": reverse("admin:conferences_roster", args=[conference.pk]),
        "place_in_roster": place_in_roster(request.GET),
        "import_url": reverse("admin:conferences_roster_import", args=[conference.pk]),
        "add_url": reverse("admin:conferences_roster_add", args=[conference.pk]),
    }
    return TemplateResponse(request, f"admin/conferences/roster/{template}.html", shared | context)
