"""What waits for a second person: in one conference, in all of one's own; and the switches of a series."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import Actor, actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of
from confbox.kit.seen import Outdated, seen_in
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.forms import ConsentSettingsForm, DeclineRequestForm
from conferences.consent.panels import overview_of, request_panel, shown_to
from conferences.consent.settings import set_consent
from conferences.models import Conference, ConsentRequest, Series
from conferences.namesakes import load_namesakes, with_namesakes
from conferences.organising.pages import tab_context
from conferences.series.consent.models import READ
from conferences.teams.access import page as team_page
from conferences.teams.access import scope_or_refuse

PER_PAGE = 50
State = ConsentRequest.State


def conference_or_refuse(request: HttpRequest, pk: int) -> Conference:
    if not request.user.has_perm(READ):
        raise PermissionDenied
    conferences = with_namesakes(Conference.objects.managed_by(request.user, READ))
    return get_object_or_404(conferences.select_related("election", "series"), pk=pk)


def of_one(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    return tab_context(request, conference, "second_person")


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {
        "opts": Conference._meta,
        "title": _("Waiting for a second person"),
    }
    return TemplateResponse(request, f"admin/conferences/consent/{template}.html", shared | context)


@require_safe
def all_waiting(request: PersonRequest) -> HttpResponse:
    """What this person can confirm, in all conferences that they run."""
    if not request.user.has_perm(READ):
        raise PermissionDenied
    found = ConsentRequest.objects.waiting_for(request.user).filter(conference__rehearses=None)
    found = found.select_related("conference__election", "asked_by").order_by("expires_at", "pk")
    shown = page_of(request, found, PER_PAGE)
    rows = shown_to(request.user, shown)
    load_namesakes(each.request.conference for each in rows)
    return page(request, "all_waiting", page=shown, rows=rows)


@require_safe
def of_conference(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk)
    rows = overview_of(conference, person=request.user)
    return page(request, "of_conference", **of_one(request, conference), **rows)


@asking
def answer(request: PersonRequest, pk: int, consent_id: int) -> HttpResponse:
    """Confirms, declines or withdraws it, on a page that first shows the consequences."""
    conference = conference_or_refuse(request, pk)
    known = ConsentRequest.objects.filter(conference=conference).visible_to(request.user)
    asked = get_object_or_404(known.select_related("asked_by", "answered_by"), pk=consent_id)
    require_fresh_log_in(request)
    asked.conference = conference
    act, form = request.POST.get("act", ""), DeclineRequestForm(posted(request))
    if act not in ACTS or not (form.is_valid() or act == "confirm"):
        panel = request_panel(asked, person=request.user)
        return page(request, "answer", **of_one(request, conference), panel=panel, form=form)
    try:
        ACTS[act](request, asked, actor_of(request))
    except Outdated as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("admin:conferences_consent_request", conference.pk, asked.pk)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("admin:conferences_consent", conference.pk)


def _confirm(request: PersonRequest, asked: ConsentRequest, by: Actor) -> None:
    # A form without the version is like one on an old page.
    done = confirm_request(asked=asked, by=by, seen=seen_in(request) or "nothing")
    if done.refusal:
        said = _("This is no longer possible, so nothing was changed: %(why)s")
        messages.error(request, said % {"why": done.refusal})
    else:
        messages.success(request, _("Confirmed and done. The audit log has both your names."))


def _cancel(request: PersonRequest, asked: ConsentRequest, by: Actor) -> None:
    reason = request.POST.get("decline_reason", "")
    if cancel_request(asked=asked, by=by, reason=reason) == State.WITHDRAWN:
        messages.success(request, _("The request has been withdrawn. Nothing was changed."))
    else:
        messages.success(request, _("The request has been declined. Nothing was changed."))


ACTS = {"confirm": _confirm, "cancel": _cancel}


@asking
def settings(request: PersonRequest, pk: int) -> HttpResponse:
    """The switches, for owners."""
    series: Series = scope_or_refuse(request, Series, pk)
    require_fresh_log_in(request)
    form = ConsentSettingsForm(posted(request), initial={"acts": series.needs_consent})
    if form.is_bound and form.is_valid() and _set(request, series, form):
        return redirect("admin:conferences_series_change", series.pk)
    return team_page(request, series, "consent", form=form)


def _set(request: PersonRequest, series: Series, form: ConsentSettingsForm) -> bool:
    try:
        changed = set_consent(series=series, acts=form.cleaned_data["acts"], by=actor_of(request))
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    said = {Change.MADE: _("The settings are saved."), Change.NONE: _("Nothing was changed.")}
    messages.success(request, said[changed])
    return True
