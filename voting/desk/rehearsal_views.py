"""“Try it with my team”: starting a rehearsal, watching it, and ending it."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.limits import Limit, count_use
from confbox.kit.outcomes import Change
from conferences.models import Conference
from conferences.organising.checklist import State, look_at
from conferences.organising.pages import shared_context
from conferences.organising.tabs import READ
from conferences.overview.lines import worker
from conferences.roster.access import CHANGE, conference_or_refuse
from voting.rehearsal.actions import end_rehearsal, start_rehearsal
from voting.rehearsal.panels import ends_on, steps_of, ways_on
from voting.rehearsal.twins import twin_of

REHEARSALS = Limit("rehearsals", person="10/h")
# Seconds until the page asks again, while people vote and afterwards.
QUICKLY, SLOWLY = 3, 15
PAGE = "admin:conferences_rehearsal"


@asking
@vary_on_headers("HX-Request")
def rehearsal(request: PersonRequest, pk: int) -> HttpResponse:
    """The page; for polling requests only the part that changes. Who reads the conference may watch."""
    conference = conference_or_refuse(request, pk, READ)
    if conference.rehearses_id:
        return redirect(PAGE, conference.rehearses_id)
    may_change = request.user.has_perm(CHANGE, conference)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        _act(request, conference)
        return redirect(PAGE, pk)
    is_polling = request.headers.get("HX-Request") == "true"
    twin = twin_of(conference)
    if is_polling and not twin:
        return HttpResponseClientRefresh()
    name = "_live" if is_polling else "rehearsal"
    shared = shared_context(request, conference, "overview") | {"twin": twin, "may_change": may_change}
    shared["part"] = _part(request, twin=twin, may_change=may_change)
    context = {**shared, **(_of_twin(request, twin) if twin else {})}
    return TemplateResponse(request, f"admin/voting/rehearsal/{name}.html", context)


def _part(request: PersonRequest, *, twin: Conference | None, may_change: bool) -> str:
    """Ending it removes what cannot be brought back, so a page of its own asks first."""
    if twin is None:
        return "offer"
    return "end" if may_change and "end" in request.GET else "running"


def _of_twin(request: PersonRequest, twin: Conference) -> dict[str, Any]:
    line = worker(look_at(request.user, twin))
    return {
        "steps": steps_of(twin),
        "ways": ways_on(twin),
        "ends": ends_on(twin),
        "every": SLOWLY if twin.election.has_closed() else QUICKLY,
        "silent_worker": "" if line.state is State.DONE else f"{line.title}: {line.words}",
    }


def _act(request: PersonRequest, conference: Conference) -> None:
    by = actor_of(request)
    if request.POST.get("wish") == "end":
        changed = end_rehearsal(conference=conference, by=by)
        if changed is Change.MADE:
            messages.success(request, _("The rehearsal has ended, and nothing of it is left."))
        return
    try:
        begin_rehearsal(request, conference)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])


def begin_rehearsal(request: PersonRequest, conference: Conference) -> None:
    """Counts it, unless there is one already.

    Raises:
        ValidationError: the verb refuses, or this person has begun too many.
    """
    if not twin_of(conference):
        count_use(REHEARSALS, request)
    start_rehearsal(conference=conference, by=actor_of(request))


def rehearsal_urls(site: AdminSite) -> list[URLPattern]:
    return [path("<row:pk>/rehearsal/", site.admin_view(rehearsal), name="conferences_rehearsal")]
