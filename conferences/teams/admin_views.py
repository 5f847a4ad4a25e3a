"""The team of a series or conference: who is in it, invitations, roles."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.models import User
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.limits import Limit, count_use
from confbox.kit.outcomes import Change
from conferences.models import Conference, Role, Series, TeamInvitation, TeamMember
from conferences.organising.saying import say_saved
from conferences.teams import actions
from conferences.teams.access import CHANGE, READ, Scope, page, scope_or_refuse, team_url
from conferences.teams.forms import InvitationForm, NameForm, RoleForm
from conferences.teams.overview import invitations_of, people_of

INVITATIONS = Limit("invitations to teams", person="60/h")
RENAMED = {
    Change.MADE: gettext_lazy("The series is renamed."),
    Change.NONE: gettext_lazy("Nothing was changed."),
}
NOT_IN_TEAM = gettext_noop("This person is not in the team, so nothing was changed.")


@asking
def team(request: PersonRequest, pk: int, model: type[Scope]) -> HttpResponse:
    """Everyone in the team; for owners also the invitations, and the form to invite."""
    scope = scope_or_refuse(request, model, pk, CHANGE if request.method == "POST" else READ)
    form = InvitationForm(posted(request), scope=scope)
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
        may_invite=may_change and not (isinstance(scope, Conference) and scope.is_rehearsal),
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
    _say(request, scope, _("The invitation is on its way to %(email)s.") % {"email": sent.email})
    return True


@asking
def member(request: PersonRequest, pk: int, member_id: int, model: type[Scope]) -> HttpResponse:
    """Changes a role, or takes a person out of the team."""
    scope = scope_or_refuse(request, model, pk)
    require_fresh_log_in(request)
    found = _with_scope(TeamMember.objects.of_team(scope)).filter(pk=member_id).first()
    if found is None:
        # Another owner may have removed them since the page was opened.
        messages.warning(request, _(NOT_IN_TEAM))
        return redirect(team_url(scope))
    form = RoleForm(posted(request), scope=scope, initial={"role": found.role, "shown": found.role})
    if form.is_bound and request.POST.get("act") == "remove":
        return _said(request, scope, partial(_remove, request, found))
    if form.is_bound and form.is_valid():
        return _said(request, scope, partial(_change_role, request, found, form))
    template = "remove" if "remove" in request.GET and not form.is_bound else "member"
    return page(request, scope, template, form=form, member=found)


def _with_scope(members: Any) -> Any:
    return members.select_related("person", "series", "conference")


def _remove(request: PersonRequest, found: TeamMember) -> str:
    actions.remove_from_team(member=found, by=actor_of(request))
    return _("%(name)s is no longer in the team.") % {"name": found.person}


def _change_role(request: PersonRequest, found: TeamMember, form: RoleForm) -> str:
    actions.change_role(member=found, by=actor_of(request), **form.cleaned_data)
    stored = TeamMember.objects.filter(pk=found.pk).first()
    if stored is None:
        return _(NOT_IN_TEAM)
    return _("The role of %(name)s is now: %(role)s.") % {
        "name": found.person,
        "role": Role(stored.role).label,
    }


def _said(request: PersonRequest, scope: Scope, act: Callable[[], str]) -> HttpResponse:
    try:
        _say(request, scope, act())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(request.path)
    # Who has just taken themselves out has nothing more to see there.
    is_in = User.objects.get(pk=request.user.pk).has_perm(READ, scope)
    return redirect(team_url(scope) if is_in else "me")


def _say(request: PersonRequest, scope: Scope, sentence: str) -> None:
    if isinstance(scope, Conference):
        say_saved(request, scope.pk, sentence)
    else:
        messages.success(request, sentence)


@asking
def leave(request: PersonRequest, pk: int, model: type[Scope]) -> HttpResponse:
    scope = scope_or_refuse(request, model, pk, READ)
    own = get_object_or_404(_with_scope(TeamMember.objects.of_team(scope)), person=request.user)
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
    form = NameForm(posted(request), initial={"name": series.name})
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
    invitations = TeamInvitation.objects.of_team(scope).select_related("series", "conference")
    invitation = get_object_or_404(invitations, pk=invitation_id)
    said = {"email": invitation.email}
    try:
        changed = actions.withdraw_invitation(invitation=invitation, by=actor_of(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(team_url(scope))
    if changed is Change.MADE:
        messages.success(request, _("The invitation to %(email)s is withdrawn.") % said)
    else:
        messages.warning(request, _("The invitation to %(email)s was no longer open.") % said)
    return redirect(team_url(scope))
