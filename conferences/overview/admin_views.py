"""The overview of a conference: what is next, what is done and what is missing."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.limits import Limit, count_use
from conferences.changes.corrections import last_with_reason
from conferences.changes.rules import why_not_to_reinstate
from conferences.consent.panels import asked_in
from conferences.models import Conference, ConferenceChange
from conferences.organising.checklist import Line, Look, State, lines_of, look_at, refusals_of
from conferences.organising.pages import shared_context
from conferences.organising.saying import in_words, run_by
from conferences.organising.tabs import READ, more_of
from conferences.overview.email_tests import request_test_email
from conferences.overview.lines import CHANGE
from conferences.overview.owners import done_by_owners
from conferences.overview.parts import PARTS
from conferences.teams.dashboard import Wait, waits_of

TEST_EMAILS = Limit("test emails", person="10/h")


def conference_or_refuse(request: HttpRequest, pk: int) -> Conference:
    if not request.user.has_perm(READ):
        raise PermissionDenied
    return get_object_or_404(run_by(request.user), pk=pk)


@require_safe
def overview(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk)
    look = look_at(request.user, conference)
    rehearsal = conference if conference.is_rehearsal else None
    waits = waits_of(request.user, rehearsal=rehearsal).get(conference.pk, [])
    lines = lines_of(look)
    missing = refusals_of(look, lines)
    return _page(
        request,
        conference,
        "overview",
        step=next_step(conference, lines, waits),
        ahead=" ".join(part.ahead(look) for part in PARTS),
        waits=waits,
        asked=asked_in(conference, person=request.user),
        missing=in_words(missing) if missing else "",
        lines=lines,
        done=sum(line.state in (State.DONE, State.NOT_NEEDED) for line in lines),
        states=[part.state(conference) for part in PARTS],
        panels=[panel for part in PARTS for panel in part.panels(look)],
        more=more_of(look),
        of_owners=done_by_owners(look),
        is_published=conference.status != Conference.Status.DRAFT,
        **_changed(look),
    )


def _changed(look: Look) -> dict[str, Any]:
    """The last change with a reason, for those who can correct it; of one that is cancelled, also by whom.

    And whether this person can still say that it takes place.
    """
    conference, may_change = look.conference, look.may(CHANGE)
    if not conference.is_cancelled:
        return {"change": last_with_reason(conference) if may_change else None}
    last = last_with_reason(conference, act=ConferenceChange.Act.CANCELLED)
    return {
        "cancelled_by": last.by if last else None,
        "can_reinstate": may_change and not why_not_to_reinstate(conference),
        "change": last if may_change else None,
    }


def _page(request: PersonRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = shared_context(request, conference, "overview")
    return TemplateResponse(request, f"admin/conferences/overview/{template}.html", shared | context)


@dataclass(frozen=True)
class Step:
    """What to do next, as one button."""

    label: str
    url: str
    words: str = ""


def next_step(conference: Conference, lines: list[Line], waits: list[Wait]) -> Step | None:
    """What waits for this person, then what keeps members from voting, then what else they can do."""
    if waits:
        return Step(waits[0].words, waits[0].url)
    if conference.is_over() or conference.is_cancelled or conference.election.is_count_final():
        return None
    if conference.is_rehearsal:
        # It plays on its own.
        return None
    missing = [line for line in lines if line.state is State.REFUSES]
    to_do = sorted((line for line in lines if line.state is State.TO_DO), key=lambda line: not line.is_first)
    found = (line for line in (*missing, *to_do) if line.is_theirs and line.url)
    return next((Step(line.link, line.url, line.words) for line in found), None)


@asking
def test_email(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk)
    if request.method != "POST":
        return _page(request, conference, "test_email")
    try:
        count_use(TEST_EMAILS, request)
        request_test_email(conference=conference, by=actor_of(request))
        said = _("A test email is on its way to %(email)s.") % {"email": request.user.email}
        messages.success(request, said)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("admin:conferences_overview", conference.pk)
