"""The page of one's account with the log-ins that open it."""

from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.providers.actions import disconnect_log_in
from accounts.providers.configured import configured_providers, name_of_provider
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import form_is_on
from confbox.kit.outcomes import Change


@require_safe
def connected_log_ins(request: PersonRequest) -> HttpResponse:
    accounts = SocialAccount.objects.filter(user=request.user).order_by("pk")
    shown = [
        {"account": account, "name": name_of_provider(account.provider), "label": _label(account)}
        for account in accounts
    ]
    context = {"connected": shown, "providers": configured_providers()}
    return render(request, "accounts/providers/connected.html", context)


def _label(account: SocialAccount) -> str:
    return str(account.extra_data.get("email") or account.extra_data.get("login") or "")


@form_is_on("connected-log-ins")
@require_POST
def disconnect(request: PersonRequest, account_id: int) -> HttpResponse:
    require_fresh_log_in(request, _("You are about to disconnect a log-in."))
    account = get_object_or_404(SocialAccount, pk=account_id, user=request.user)
    if disconnect_log_in(account=account, by=actor_of(request)) is Change.MADE:
        words = {"provider": name_of_provider(account.provider)}
        messages.success(request, _("You can no longer log in with %(provider)s.") % words)
    return redirect("connected-log-ins")
