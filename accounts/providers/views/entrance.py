"""Log-in with a provider: the way there, and the way back."""

from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of
from accounts.providers.actions import connect_log_in
from accounts.providers.configured import name_of_provider
from accounts.providers.flow import (
    FAILURES,
    log_in_with_identity,
    page_of_provider,
    provider_or_404,
    returning_identity,
    take_state,
)
from accounts.providers.identities import Identity, keep_pending
from accounts.reauthentication import is_fresh, require_fresh_log_in
from accounts.security_log import log_event
from confbox.kit.form_pages import form_is_on, way_back
from confbox.kit.limits import Limit, count_use
from confbox.kit.outcomes import Change

BEGINNINGS = Limit("log-ins with a provider", person="60/h", network="1200/h")


@login_not_required
@form_is_on("account_login")
@require_POST
def log_in_with(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leads to the provider by a page: a redirect from a form would need an exception in the site's policy.

    For a person who is logged in, it is to connect the provider with their account.
    """
    provider = provider_or_404(request, provider_id)
    count_use(BEGINNINGS, request)
    if request.user.is_authenticated:
        require_fresh_log_in(request, _("You are about to connect another log-in."))
    try:
        url = page_of_provider(request, provider, back=way_back(request, ""))
    except FAILURES as failure:
        return _failed(request, provider_id, failure)
    return render(request, "accounts/providers/leave.html", {"url": url, "provider": provider})


@login_not_required
@never_cache
@require_GET
def back_from_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    provider = provider_or_404(request, provider_id)
    state = take_state(request, provider)
    if state is None:
        log_event(request, "provider", "state", provider=provider_id)
        return _say(request, _("This log-in was begun elsewhere, or too long ago. Please try again."))
    if "code" not in request.GET:
        sentence = _("You have not logged in with %(provider)s.") % {"provider": provider.name}
        return _say(request, sentence)
    try:
        identity = returning_identity(request, provider, state)
    except FAILURES as failure:
        return _failed(request, provider_id, failure)
    back = str(state.get("next", ""))
    return _connect(request, identity) if request.user.is_authenticated else _enter(request, identity, back)


def _enter(request: HttpRequest, identity: Identity, back: str) -> HttpResponse:
    found = {"provider": identity.provider, "uid": identity.uid}
    account = SocialAccount.objects.select_related("user").filter(**found).first()
    if account is None:
        keep_pending(request, identity, back=back)
        return redirect("provider-sign-up")
    if not account.user.is_active:
        log_event(request, "log-in", "disabled", account=account.user_id)
    return log_in_with_identity(request, account.user, identity.provider, url=back or None)


def _connect(request: HttpRequest, identity: Identity) -> HttpResponse:
    if not is_fresh(request):
        messages.error(request, _("You logged in more than five minutes ago. Please try again."))
        return redirect("connected-log-ins")
    try:
        if connect_log_in(identity=identity, by=actor_of(request)) is Change.MADE:
            words = {"provider": identity.provider_name}
            messages.success(request, _("You can now log in with %(provider)s.") % words)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("connected-log-ins")


def _failed(request: HttpRequest, provider_id: str, failure: Exception) -> HttpResponse:
    """The log has the kind of the failure; what the provider has answered may contain anything."""
    log_event(request, "provider", "failed", provider=provider_id, reason=type(failure).__name__)
    words = {"provider": name_of_provider(provider_id)}
    return _say(
        request, _("Logging in with %(provider)s does not work right now. Please try again later.") % words
    )


def _say(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("connected-log-ins" if request.user.is_authenticated else "account_login")
