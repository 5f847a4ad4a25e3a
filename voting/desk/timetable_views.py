"""The emails of the timetable, and the switch of each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from confbox.kit.outcomes import Change
from conferences.models import Conference
from voting.desk.access import conference_or_refuse, page_context
from voting.timetable.actions import switch_notice
from voting.timetable.panels import timetable_of

MAY_SWITCH = "conferences.change_conference"


@asking
def timetable(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    if request.method == "POST":
        if not request.user.has_perm(MAY_SWITCH, conference):
            raise PermissionDenied
        _switch(request, conference)
        return redirect("admin:voting_election_timetable", conference.pk)
    context = page_context(request, conference) | {
        "timetable": timetable_of(conference, viewer=request.user),
        "may_switch": request.user.has_perm(MAY_SWITCH, conference),
    }
    return render(request, "admin/voting/timetable/timetable.html", context)


def _switch(request: PersonRequest, conference: Conference) -> None:
    kind, is_on = request.POST.get("kind", ""), request.POST.get("wish") == "on"
    try:
        changed = switch_notice(conference=conference, kind=kind, by=actor_of(request), is_on=is_on)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return
    if changed is Change.MADE:
        messages.success(
            request, _("The email is switched on.") if is_on else _("The email is switched off.")
        )
