"""Where the link of an invitation to a team leads."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actors import actor_of
from accounts.models import User
from confbox.kit.form_pages import asking
from conferences.teams.actions import accept_invitation
from conferences.teams.panels import invitation_panel, role_words
from conferences.teams.tokens import invitation_of


@login_not_required
@never_cache
@asking
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Only its button changes something, as programs open links, too."""
    found = invitation_of(token)
    if request.method == "POST" and found:
        if not isinstance(request.user, User):
            return redirect_to_login(request.path)
        try:
            member = accept_invitation(invitation=found, by=actor_of(request))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect(request.path)
        said = _("You are in the team of %(team)s now.") % {"team": found.scope}
        messages.success(request, f"{said} {role_words(found, member)}")
        return redirect("admin:index")
    panel = invitation_panel(found, person=request.user)
    status = 200 if found else 404
    return render(request, "conferences/teams/invitation.html", {"panel": panel}, status=status)
