"""A change of the voting times that has to be confirmed by a second organiser."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from conferences.models import Conference
from voting.desk.access import conference_or_refuse, panel_page
from voting.desk.panels import request_panel
from voting.desk.window_answers import say_what_changed
from voting.elections.consent import cancel_request, confirm_request, waiting_request
from voting.elections.models import WindowRequest

Act = Callable[[PersonRequest, Conference, WindowRequest], None]


@asking
def answer(request: PersonRequest, conference_id: int, request_id: int) -> HttpResponse:
    """Confirms, declines or withdraws it, on a page that first shows the consequences."""
    conference = conference_or_refuse(request, conference_id, "conferences.change_conference")
    require_fresh_log_in(request)
    requests = WindowRequest.objects.filter(election=conference.pk).select_related("requested_by")
    asked = get_object_or_404(requests, pk=request_id)
    if request.method == "POST":
        act = {"confirm": _confirm, "cancel": _cancel}.get(request.POST.get("act", ""))
        if act:
            _try(act, request, conference, asked)
            return redirect("admin:voting_election_change", conference.pk)
    panel = request_panel(asked, waiting=waiting_request(conference), user=request.user)
    return panel_page(request, conference, panel)


def _try(act: Act, request: PersonRequest, conference: Conference, asked: WindowRequest) -> None:
    try:
        act(request, conference, asked)
    except ValidationError as refusal:
        messages.error(request, refusal.message)


def _confirm(request: PersonRequest, conference: Conference, asked: WindowRequest) -> None:
    change = confirm_request(request=asked, by=actor_of(request))
    say_what_changed(request, conference, change)


def _cancel(request: PersonRequest, conference: Conference, asked: WindowRequest) -> None:
    state = cancel_request(request=asked, by=actor_of(request))
    if state == WindowRequest.State.WITHDRAWN:
        messages.success(request, _("The request has been withdrawn. The voting times stay as they are."))
    else:
        messages.success(request, _("The request has been declined. The voting times stay as they are."))
