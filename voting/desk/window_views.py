"""Changing the window of an open vote: each page asks for a reason and shows the consequences."""

from functools import partial

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.seen import seen_in
from conferences.changes.correction_views import done_in_words, is_corrected
from conferences.consent.actions import do_or_ask
from conferences.consent.acts import is_required
from conferences.consent.answers import say_asked
from conferences.consent.panels import notice_of
from conferences.models import Conference, ConsentRequest
from voting.desk.access import conference_or_refuse, page_context, panel_page
from voting.desk.forms import DeadlineForm, WindowCorrectionForm, WindowReasonForm
from voting.desk.panels import close_panel, move_panel
from voting.desk.window_answers import say_what_changed
from voting.elections.election.two_people import WINDOW
from voting.elections.models import WindowChange
from voting.elections.tally import tally_of
from voting.elections.window import as_payload, close_early, correct_reason_of_window, move_deadline


@asking
def move(request: PersonRequest, conference_id: int) -> HttpResponse:
    """First the new deadline and the reason, then the consequences, to confirm."""
    conference = conference_or_refuse(request, conference_id, "conferences.change_conference")
    require_fresh_log_in(request)
    form = DeadlineForm(posted(request), conference=conference)
    is_entered = form.is_bound and form.is_valid()
    if is_entered and "confirmed" in request.POST and _move(request, conference, form):
        return redirect("admin:voting_election_turnout", conference.pk)
    can_move = is_entered and form.is_valid() and conference.election.closes_at
    asked = as_payload(conference, form.cleaned_data["closes_at"]) if can_move else {}
    notice = notice_of(WINDOW, conference, asked, person=request.user)
    return panel_page(request, conference, move_panel(conference, form=form), notice=notice)


def _move(request: PersonRequest, conference: Conference, form: DeadlineForm) -> bool:
    asked = form.cleaned_data | {"by": actor_of(request)}
    try:
        verb = partial(move_deadline, conference=conference, **asked)
        changed = do_or_ask(verb, reason=asked["reason"], by=asked["by"])
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if isinstance(changed, ConsentRequest):
        say_asked(request, changed)
    else:
        say_what_changed(request, conference, changed)
    return True


@asking
def close(request: PersonRequest, conference_id: int, *, decides: bool = False) -> HttpResponse:
    """Closes voting early; with `decides`, the decision is the next page."""
    conference = conference_or_refuse(request, conference_id, "conferences.change_conference")
    require_fresh_log_in(request)
    form = WindowReasonForm(posted(request))
    if form.is_bound and form.is_valid() and _close(request, conference, form):
        is_decided_next = decides and not is_required(WINDOW, conference)
        desk = redirect("admin:voting_election_turnout", conference.pk)
        return _decide_next(conference) if is_decided_next else desk
    panel = close_panel(conference, form=form, decides=decides)
    notice = notice_of(WINDOW, conference, {}, person=request.user)
    return panel_page(request, conference, panel, notice=notice)


def _close(request: PersonRequest, conference: Conference, form: WindowReasonForm) -> bool:
    by, reason = actor_of(request), form.cleaned_data["reason"]
    verb = partial(close_early, conference=conference, by=by, reason=reason, seen=seen_in(request))
    try:
        changed = do_or_ask(verb, reason=reason, by=by)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if isinstance(changed, ConsentRequest):
        say_asked(request, changed)
    else:
        say_what_changed(request, conference, changed)
    return True


def _decide_next(conference: Conference) -> HttpResponse:
    """The page to choose the sole leader; if there is none, all of them to choose from."""
    leaders = tally_of(conference).leaders
    if len(leaders) == 1:
        return redirect("admin:voting_election_decide", conference.pk, leaders[0].candidate.pk)
    return redirect("admin:voting_election_decision", conference.pk)


@asking
def correct_reason(request: PersonRequest, conference_id: int, change_id: int) -> HttpResponse:
    """Why the deadline was moved or voting closed, as members should have read it."""
    conference = conference_or_refuse(request, conference_id, "conferences.change_conference")
    require_fresh_log_in(request)
    change = get_object_or_404(WindowChange, pk=change_id, election=conference.pk)
    form = WindowCorrectionForm(posted(request), row=change)
    if is_corrected(request, form, partial(correct_reason_of_window, change=change)):
        return redirect("admin:voting_election_turnout", conference.pk)
    shown = {"form": form, "done": done_in_words(conference, change)}
    context = page_context(request, conference) | shown
    return render(request, "admin/conferences/changes/correct_reason.html", context)
