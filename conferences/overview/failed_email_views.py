"""Emails that were not sent, for the organisers of the site: each is sent again or marked as settled."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of
from conferences.models import Conference
from conferences.overview.undelivered import (
    failed_in,
    failed_tasks,
    may_read,
    send_email_again,
    settle_email,
)

PER_PAGE = 50
PAGE = "admin:conferences_failed_emails"
AGAIN, SETTLED = "again", "settled"


class DecisionForm(forms.Form):
    email = forms.UUIDField()
    act = forms.ChoiceField(choices=[(AGAIN, AGAIN), (SETTLED, SETTLED)])


def _refuse_others(request: PersonRequest) -> None:
    if not may_read(request.user):
        raise PermissionDenied


@asking
def failed_emails(request: PersonRequest) -> HttpResponse:
    _refuse_others(request)
    require_fresh_log_in(request)
    form = DecisionForm(posted(request))
    if form.is_bound and form.is_valid():
        _decide(request, form)
        return redirect(PAGE)
    page = page_of(request, failed_tasks(), PER_PAGE)
    context = admin.site.each_context(request) | {
        "opts": Conference._meta,
        "title": _("Emails that were not sent"),
    }
    context |= {"page": page, "emails": failed_in(page.object_list)}
    return TemplateResponse(request, "admin/conferences/overview/failed_emails.html", context)


def _decide(request: PersonRequest, form: DecisionForm) -> None:
    sends = form.cleaned_data["act"] == AGAIN
    verb = send_email_again if sends else settle_email
    done = verb(task_id=form.cleaned_data["email"], by=actor_of(request))
    if done is Change.NONE:
        messages.warning(request, _("This email no longer waits for a decision, so nothing was changed."))
    elif sends:
        messages.success(request, _("The email is on its way again."))
    else:
        messages.success(request, _("The email is marked as settled."))


def failed_email_urls(site: AdminSite) -> list[URLPattern]:
    return [path("failed-emails/", site.admin_view(failed_emails), name="conferences_failed_emails")]
