"""The team of a series or conference: who is in it, invitations, roles."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.models import User
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.limits import Limit, count_use
from confbox.kit.outcomes import Change
from conferences.models import Series, TeamInvitation, TeamMember
from conferences.teams import actions
from conferences.teams.access import CHANGE, READ, Scope, page, scope_or_refuse, team_url
from conferences.teams.forms import InvitationForm, NameForm, RoleForm
from conferences.teams.overview import invitations_of, people_of

INVITATIONS = Limit("invitations to teams", person="60/h")
RENAMED = {
    Change.MADE: gettext_lazy("The series is renamed."),
    Change.NONE: gettext_lazy("Nothing was changed."),
}
asking = require_http_methods(["GET", "HEAD", "POST"])


@asking
def team(request: PersonRequest, pk: int, model: type[Scope]) -> HttpResponse:
    """Everyone in the team; for owners also the invitations, and the form to invite."""
    scope = scope_or_refuse(request, model, pk, CHANGE if request.method == "POST" else READ)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        require_fresh_log_in(request)
        if form.is_valid() and _invite(request, scope, form):
            return redirect(team_url(scope))
    may_change = request.user.has_perm(CHANGE, scope)
    return page(
        request,
        scope,
        "team",
        form=form,
        may_change=may_change,
        people=people_of(scope, viewer=request.user, may_change=may_change),
        invitations=invitations_of(scope) if may_change else [],
    )


def _invite(request: PersonRequest, scope: Scope, form: InvitationForm) -> bool:
    try:
        count_use(INVITATIONS, request)
        sent = actions.invite_to_team(scope=scope, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": sent.email})
    return True


@asking
def member(request: PersonRequest, pk: int, member_id: int, model: type[Scope]) -> HttpResponse:
    """Changes a role, or asks before it takes a person out of the team."""
    scope = scope_or_refuse(request, model, pk)
    require_fresh_log_in(request)
    found = get_object_or_404(TeamMember.objects.of_team(scope).select_related("person"), pk=member_id)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": found.role})
    removes, by = request.POST.get("act") == "remove", actor_of(request)
    if form.is_bound and removes:
        return _said(request, scope, partial(actions.remove_from_team, member=found, by=by))
    if form.is_bound and form.is_valid():
        return _said(request, scope, partial(actions.change_role, member=found, by=by, **form.cleaned_data))
    return page(request, scope, "member", form=form, member=found)


def _said(request: PersonRequest, scope: Scope, act: Callable[[], Change]) -> HttpResponse:
    said = {Change.MADE: _("The team has been changed."), Change.NONE: _("Nothing was changed.")}
    try:
        messages.success(request, said[act()])
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(request.path)
    # Who has just taken themselves out has nothing more to see there.
    is_in = User.objects.get(pk=request.user.pk).has_perm(READ, scope)
    return redirect(team_url(scope) if is_in else "me")


@asking
def leave(request: PersonRequest, pk: int, model: type[Scope]) -> HttpResponse:
    scope = scope_or_refuse(request, model, pk, READ)
    own = get_object_or_404(TeamMember.objects.of_team(scope), person=request.user)
    if request.method != "POST":
        return page(request, scope, "leave", member=own)
    try:
        actions.leave_team(member=own, by=actor_of(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(team_url(scope))
    messages.success(request, _("You have left the team of %(team)s.") % {"team": scope})
    return redirect("me")


@asking
def rename(request: PersonRequest, pk: int) -> HttpResponse:
    """The name of a series, which its owners change."""
    series = scope_or_refuse(request, Series, pk)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": series.name})
    if form.is_bound and form.is_valid():
        act = partial(actions.rename_series, series=series, by=actor_of(request), **form.cleaned_data)
        try:
            messages.success(request, RENAMED[act()])
            return redirect("admin:conferences_series_change", series.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return page(request, series, "rename", form=form)


@require_POST
def withdraw(request: PersonRequest, pk: int, invitation_id: int, model: type[Scope]) -> HttpResponse:
    scope = scope_or_refuse(request, model, pk)
    invitation = get_object_or_404(TeamInvitation.objects.of_team(scope), pk=invitation_id)
    said = {"email": invitation.email}
    if actions.withdraw_invitation(invitation=invitation, by=actor_of(request)) is Change.MADE:
        messages.success(request, _("The invitation to %(email)s is withdrawn.") % said)
    else:
        messages.warning(request, _("The invitation to %(email)s was no longer open.") % said)
    return redirect(team_url(scope))
