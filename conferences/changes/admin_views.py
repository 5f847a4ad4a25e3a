"""Cancelling a conference and the way back: each page shows the consequences and asks for a reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from conferences.changes.actions import cancel_conference, reinstate_conference
from conferences.changes.consequences import of_cancelling, of_reinstating
from conferences.changes.forms import ReasonForm
from conferences.changes.rules import why_not_to_cancel, why_not_to_reinstate
from conferences.models import Conference
from conferences.roster.access import conference_or_refuse

CHANGE_FORM = "admin:conferences_conference_change"


def page(request: PersonRequest, conference: Conference, template: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {
        "opts": Conference._meta,
        "title": conference.title,
        "conference": conference,
    }
    return TemplateResponse(request, f"admin/conferences/changes/{template}.html", shared | context)


@asking
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk)
    require_fresh_log_in(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if _is_done(request, conference, form, cancel_conference):
        messages.success(request, _("The conference is cancelled. All members are notified."))
        return redirect(CHANGE_FORM, pk)
    refusal = why_not_to_cancel(conference)
    consequences = [] if refusal else of_cancelling(conference)
    return page(request, conference, "cancel", form=form, refusal=refusal, consequences=consequences)


@asking
def reinstate(request: PersonRequest, pk: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk)
    require_fresh_log_in(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if _is_done(request, conference, form, reinstate_conference):
        messages.success(request, _("The conference takes place after all. All members are notified."))
        return redirect(CHANGE_FORM, pk)
    refusal = why_not_to_reinstate(conference)
    consequences = [] if refusal else of_reinstating(conference)
    return page(request, conference, "reinstate", form=form, refusal=refusal, consequences=consequences)


def _is_done(
    request: PersonRequest, conference: Conference, form: ReasonForm, verb: Callable[..., object]
) -> bool:
    if not form.is_bound or not form.is_valid():
        return False
    try:
        verb(conference=conference, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True
