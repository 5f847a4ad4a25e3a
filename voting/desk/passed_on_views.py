"""Reports that teams have passed on: for the organisers of the site, about accounts of all conferences."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.permissions import has_site_permission
from accounts.reauthentication import require_fresh_log_in
from accounts.removal import REMOVE
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of
from confbox.kit.seen import seen_in
from conferences.models import Conference, Membership
from voting.desk.forms import AnswerForm
from voting.desk.reported import reported_in, targets_of
from voting.elections.moderation.models import Report
from voting.elections.moderation.passing_on import answer_passed_on
from voting.elections.moderation.passing_on_emails import PASSED_ON


def page(request: PersonRequest, template: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {"opts": Conference._meta, "title": _("Reports passed on")}
    return TemplateResponse(request, f"admin/voting/moderation/passed_on/{template}.html", shared | context)


def refuse_others(request: PersonRequest) -> None:
    if not has_site_permission(request.user, REMOVE):
        raise PermissionDenied


@require_safe
def passed_on(request: PersonRequest) -> HttpResponse:
    """All that wait, of all conferences."""
    refuse_others(request)
    reports = Report.objects.passed_on_to(request.user).filter(membership__conference__rehearses=None)
    targets = page_of(request, targets_of(reports), name="reports")
    return page(request, "all", reported=reported_in(reports, targets), page=targets)


@asking
def passed_on_one(request: PersonRequest, member_id: int) -> HttpResponse:
    """Those about one profile; the page of its account removes what does not belong in it."""
    refuse_others(request)
    require_fresh_log_in(request)
    member, form = reported_member(request, member_id), AnswerForm(posted(request))
    if form.is_bound and form.is_valid() and _answer(request, member, form):
        return redirect(PASSED_ON)
    reports = Report.objects.passed_on_to(request.user).filter(membership=member)
    reported = reported_in(reports, targets_of(reports))
    return page(request, "one", member=member, reported=reported, form=form)


def reported_member(request: PersonRequest, member_id: int) -> Membership:
    """About whom reports were passed on; never the organiser themselves."""
    members = Membership.objects.filter(reports__passed_on_at__isnull=False).exclude(user=request.user)
    return get_object_or_404(members.select_related("user", "conference").distinct(), pk=member_id)


def _answer(request: PersonRequest, member: Membership, form: AnswerForm) -> bool:
    try:
        done = answer_passed_on(
            membership=member, by=actor_of(request), seen=seen_in(request), **form.cleaned_data
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if done is Change.MADE:
        messages.success(request, _("Answered. Those who reported it are notified by email."))
    else:
        messages.warning(request, _("No report about this was waiting, so nothing was changed."))
    return True


def passed_on_urls(site: AdminSite) -> list[URLPattern]:
    one = site.admin_view(passed_on_one)
    return [
        path("passed-on/", site.admin_view(passed_on), name="conferences_passed_on"),
        path("passed-on/<row:member_id>/", one, name="conferences_passed_on_one"),
    ]
