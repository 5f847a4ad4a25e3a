"""Where a person answers an invitation to a team: behind its link, or from "My page"."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actors import actor_of
from accounts.invited_address import keep_invited_address
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking
from conferences.models import TeamInvitation
from conferences.teams.actions import accept_invitation, decline_invitation
from conferences.teams.panels import invitation_panel, role_words
from conferences.teams.tokens import invitation_of


@login_not_required
@never_cache
@asking
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Only its buttons change something, as programs open links, too."""
    found = invitation_of(token)
    if request.method == "POST" and found:
        if not isinstance(request.user, User):
            return redirect_to_login(request.path)
        return _answer(request, found)
    return _page(request, found)


@never_cache
@asking
def own_invitation(request: PersonRequest, pk: int) -> HttpResponse:
    """The same for a person who has confirmed its address, without the link in the email."""
    invitations = TeamInvitation.objects.to_person(request.user)
    found = get_object_or_404(invitations.select_related("series", "conference", "invited_by"), pk=pk)
    return _answer(request, found) if request.method == "POST" else _page(request, found)


def _page(request: HttpRequest, found: TeamInvitation | None) -> HttpResponse:
    panel = invitation_panel(found, person=request.user)
    if found and panel.state == "sign_up":
        keep_invited_address(request, found.email)
    status = 200 if found else 404
    return render(request, "conferences/teams/invitation.html", {"panel": panel}, status=status)


def _answer(request: HttpRequest, found: TeamInvitation) -> HttpResponse:
    act = _decline if request.POST.get("answer") == "decline" else _accept
    try:
        return act(request, found)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(request.path)


def _accept(request: HttpRequest, found: TeamInvitation) -> HttpResponse:
    member = accept_invitation(invitation=found, by=actor_of(request))
    said = _("You are in the team of %(team)s now.") % {"team": found.scope}
    messages.success(request, f"{said} {role_words(found, member)}")
    return redirect("admin:index")


def _decline(request: HttpRequest, found: TeamInvitation) -> HttpResponse:
    decline_invitation(invitation=found, by=actor_of(request))
    said = _("You have declined the invitation to the team of %(team)s.") % {"team": found.scope}
    messages.success(request, said)
    return redirect("me")
