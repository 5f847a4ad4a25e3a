"""The page behind the link of an invitation. GET shows it and changes nothing: mail scanners follow links."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from accounts.email_limits import count_email
from accounts.first_log_in import log_in_new_person
from accounts.invited_address import keep_invited_address
from accounts.models import User
from confbox.kit.form_pages import asking
from confbox.kit.panels import Panel
from confbox.kit.referrer_policy import sends_no_path
from conferences.models import RosterEntry
from voting.campaigns.invitations import actions
from voting.campaigns.invitations.forms import InvitedForm
from voting.campaigns.invitations.panels import OPEN, invitation_panel
from voting.campaigns.tokens import entry_of, has_expired

never_kept = cache_control(private=True, no_store=True)


@login_not_required
@sends_no_path
@never_kept
@asking
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    entry = entry_of(token)
    if entry is None:
        return render(request, "voting/campaigns/unknown_invitation.html", status=404)
    panel = invitation_panel(entry, request.user, is_expired=has_expired(token, entry.conference))
    is_sent = request.method == "POST" and panel.state == "sign_up"
    form = InvitedForm(request.POST if is_sent else None, email=entry.mailbox, initial={"name": entry.name})
    if request.method == "POST" and panel.state in OPEN and (answer := _accept(request, entry, panel, form)):
        return answer
    if panel.state == "sign_up":
        # The links of the header lead to the ordinary form.
        keep_invited_address(request, entry.mailbox)
    context = {"panel": panel, "form": form, "token": token, "conference": entry.conference}
    return render(request, "voting/campaigns/invitation.html", context)


def _accept(request: HttpRequest, entry: RosterEntry, panel: Panel, form: InvitedForm) -> HttpResponse | None:
    """Leads on; None shows the page again, for a form with mistakes and for who has to log in first."""
    if panel.state == "log_in" or (panel.state == "sign_up" and not form.is_valid()):
        return None
    try:
        if panel.state == "sign_up":
            return _sign_up(request, entry, form.cleaned_data)
        actions.accept_invitation(entry=entry, by=actor_of(request))
    except ValidationError as refusal:
        if getattr(refusal, "code", "") == "busy":
            raise
        messages.error(request, " ".join(refusal.messages))
        return redirect(request.path)
    is_member = panel.state == "other_member"
    said = _("The invitation is now yours.") if is_member else _("You joined %(conference)s.")
    messages.success(request, said % {"conference": entry.conference})
    return redirect(entry.conference)


def _sign_up(request: HttpRequest, entry: RosterEntry, entered: dict[str, Any]) -> HttpResponse:
    membership = actions.accept_as_new(
        entry=entry,
        name=entered["name"],
        password_hash=make_password(entered["password1"]),
        language=get_language() or "",
        time_zone=entered["time_zone"],
        by=actor_of(request),
    )
    user: User = membership.user
    words = {"name": user, "conference": entry.conference}
    messages.success(request, _("Welcome, %(name)s. You have joined %(conference)s.") % words)
    return log_in_new_person(request, user, url=entry.conference.get_absolute_url())


@login_not_required
@require_POST
def ask_for_new_link(request: HttpRequest, token: str) -> HttpResponse:
    """The answer is the same whether or not there is still someone to invite."""
    entry = entry_of(token)
    if entry is None:
        raise Http404
    try:
        count_email(request, entry.mailbox)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("invitation", token)
    actions.send_new_link(entry=entry, by=actor_of(request))
    messages.success(
        request,
        _(
            "If this email address can still be invited, an email with a new link is on its way to it. If "
            "none arrives, please ask the organisers."
        ),
    )
    return redirect("invitation", token)
