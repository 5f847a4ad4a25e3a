from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.actors import actor_of
from accounts.models import User
from accounts.requests import PersonRequest


@require_safe
def sessions(request: PersonRequest) -> HttpResponse:
    return render(request, "accounts/sessions.html", {"sessions": sessions_of(request.user)})


def sessions_of(person: User) -> list[UserSession]:
    """The newest first."""
    found = UserSession.objects.purge_and_list(person)
    return sorted(found, key=lambda session: session.created_at, reverse=True)


@require_POST
def end_session(request: PersonRequest, session_id: int) -> HttpResponse:
    session = get_object_or_404(UserSession, user=request.user, pk=session_id)
    try:
        actions.end_session(session=session, session_key=request.session.session_key, by=actor_of(request))
        messages.success(request, _("That session has been ended."))
    except ValidationError as refusal:
        messages.info(request, refusal.message)
    return redirect("usersessions_list")


@require_POST
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    ended = actions.end_other_sessions(session_key=request.session.session_key, by=actor_of(request))
    said = ngettext(
        "%(count)d other session has been ended.", "%(count)d other sessions have been ended.", ended
    )
    messages.success(request, said % {"count": ended})
    return redirect("usersessions_list")
