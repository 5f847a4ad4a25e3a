"""The reports about one member, for those of the team who moderate, except that member."""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.seen import seen_in
from conferences.models import Conference, Membership
from conferences.roster.access import conference_or_refuse
from conferences.series.roles.models import MODERATE
from voting.desk.forms import DismissalForm
from voting.desk.hiding_requests import note_requests
from voting.desk.moderation_views import page
from voting.desk.reported import reported_in, reports_for, targets_of
from voting.elections.moderation.emails import PAGE
from voting.elections.moderation.passing_on import pass_on_reports
from voting.elections.moderation.reporting import dismiss_reports


@asking
def reports(request: PersonRequest, pk: int, member_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, pk, MODERATE)
    require_fresh_log_in(request)
    member = another_member(request, conference, member_id)
    form = DismissalForm(posted(request))
    if form.is_bound and form.is_valid() and _dismiss(request, member, form):
        return redirect(PAGE, conference.pk)
    found = reports_for(request.user, conference).filter(membership=member)
    reported = reported_in(found, targets_of(found))
    note_requests((each.member for each in reported), conference, viewer=request.user)
    return page(request, conference, "reports", member=member, reported=reported, form=form)


def another_member(request: PersonRequest, conference: Conference, member_id: int) -> Membership:
    """No one answers reports about themselves."""
    others = Membership.objects.filter(conference=conference).exclude(user=request.user)
    member = get_object_or_404(others.select_related("user", "pitch"), pk=member_id)
    member.conference = conference
    return member


@asking
def pass_on(request: PersonRequest, pk: int, member_id: int) -> HttpResponse:
    """Asks, then passes the reports about the profile on to the organisers of the site."""
    conference = conference_or_refuse(request, pk, MODERATE)
    require_fresh_log_in(request)
    member = another_member(request, conference, member_id)
    if request.method == "POST":
        _pass_on(request, member)
        return redirect("admin:conferences_moderation_reports", pk, member_id)
    return page(request, conference, "pass_on", member=member)


def _pass_on(request: PersonRequest, member: Membership) -> None:
    try:
        done = pass_on_reports(membership=member, by=actor_of(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return
    if done is Change.MADE:
        messages.success(request, _("Passed on. The organisers of this site are notified by email."))
    else:
        messages.warning(request, _("No report about this profile waits for you, so nothing was changed."))


def _dismiss(request: PersonRequest, member: Membership, form: DismissalForm) -> bool:
    try:
        done = dismiss_reports(
            membership=member, by=actor_of(request), seen=seen_in(request), **form.cleaned_data
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if done is Change.MADE:
        messages.success(request, _("Dismissed. Those who reported it are notified by email."))
    else:
        messages.warning(request, _("No report about this was waiting, so nothing was changed."))
    return True


def report_urls(site: AdminSite) -> list[URLPattern]:
    route = "<row:pk>/moderation/<row:member_id>/report/"
    return [
        path(route, site.admin_view(reports), name="conferences_moderation_reports"),
        path(
            "<row:pk>/pass-on/<row:member_id>/",
            site.admin_view(pass_on),
            name="conferences_moderation_pass_on",
        ),
    ]
