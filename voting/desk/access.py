"""What every page of the desk starts with: the permission check, the conference, and what all pages show."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.requests import PersonRequest
from confbox.kit.panels import Panel
from conferences.consent.panels import waiting_in
from conferences.local_times import in_zone
from conferences.models import Conference, ConsentRequest
from conferences.namesakes import with_namesakes
from conferences.organising.pages import shared_context


def conference_or_refuse(request: HttpRequest, conference_id: int, *permissions: str) -> Conference:
    """The conference, for a person who may see its tally and has these permissions too."""
    return _found(request, permissions, pk=conference_id)


def conference_with_slug(request: HttpRequest, slug: str, *permissions: str) -> Conference:
    """As `conference_or_refuse`."""
    return _found(request, permissions, slug=slug)


def _found(request: HttpRequest, permissions: Sequence[str], **which: int | str) -> Conference:
    asked = ["voting.view_election", *permissions]
    if not request.user.has_perms(asked):
        raise PermissionDenied
    managed = Conference.objects.managed_by(request.user, "voting.view_election")
    asked_here = ConsentRequest.objects.waiting().filter(conference=OuterRef("pk"))
    conferences = with_namesakes(managed.as_of_now()).annotate(consent_waits=Exists(asked_here))
    conferences = conferences.select_related("election__speaker__user")
    conference = get_object_or_404(conferences, **which)
    if not request.user.has_perms(asked, conference):
        raise PermissionDenied
    return conference


def page_context(request: HttpRequest, conference: Conference, tab: str = "turnout") -> dict[str, Any]:
    """For the page of this tab of the vote, or a page below it, from which `back_url` leads back."""
    election = conference.election
    return shared_context(request, conference, tab) | {
        "back_url": reverse(f"admin:voting_election_{tab}", args=[conference.pk]),
        # What the person who looks may do in this conference.
        "permissions": request.user.get_all_permissions(conference),
        "state": election.state(),
        "is_open": election.is_open(),
        "opens": "" if election.opens_when_published() else in_zone(conference, election.opens_at),
        "closes": in_zone(conference, election.closes_at),
    }


def panel_page(
    request: PersonRequest,
    conference: Conference,
    panel: Panel,
    *,
    tab: str = "turnout",
    notice: Panel | None = None,
) -> HttpResponse:
    """A page of the desk that consists of this panel; the notice says who would have to confirm the act.

    What waits for a second person already is above it: a second request would change something else.
    """
    context = page_context(request, conference, tab) | {"panel": panel, "consent": notice}
    if notice and getattr(conference, "consent_waits", True):
        context["second_person"] = waiting_in(conference, person=request.user)
    return render(request, "admin/voting/tally/panel_page.html", context)
