"""Who has come back from a provider and is not connected to an account: a new person, or one who has one.

Unless the provider has confirmed the address, the page does the same for both: it sends a code to it.
An account that exists is never opened without that code.
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.actors import Actor, actor_of
from accounts.codes import EmailedCode, void_code
from accounts.first_log_in import log_in_new_person
from accounts.forms import CodeForm
from accounts.issued_codes import issue_code
from accounts.models import User
from accounts.providers.actions import link_log_in, register_with_log_in
from accounts.providers.flow import METHOD, log_in_with_identity
from accounts.providers.forms import AskForCodeForm, ProviderSignUpForm
from accounts.providers.identities import PURPOSE, Identity, forget_pending, keep_pending, pending_identity
from accounts.views.codes import check_code, code_context, count_email
from confbox.kit.form_pages import asking, posted
from confbox.kit.ip_addresses import client_ip_address


@login_not_required
@never_cache
@asking
def provider_sign_up(request: HttpRequest) -> HttpResponse:
    identity = pending_identity(request)
    if identity is None or request.user.is_authenticated:
        return redirect("account_login")
    is_known = identity.is_confirmed and User.objects.filter(email=identity.email).exists()
    form_class: Any = AskForCodeForm if is_known else ProviderSignUpForm
    form = form_class(posted(request), identity=identity)
    if request.method == "POST" and form.is_valid():
        try:
            return _go_on(request, identity, form.cleaned_data, is_known=is_known)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {"form": form, "identity": identity, "is_known": is_known}
    return render(request, "accounts/providers/sign_up.html", context)


def _go_on(
    request: HttpRequest, identity: Identity, typed: dict[str, Any], *, is_known: bool
) -> HttpResponse:
    email = identity.email or typed["email"]
    named = {"name": typed.get("name", identity.name), "time_zone": typed.get("time_zone", "UTC")}
    if identity.is_confirmed and not is_known:
        count_email(request, email)
        return _register(request, identity, email, **named)
    if not EmailedCode(request.session, PURPOSE).was_just_sent_to(email):
        count_email(request, email)
        issue_code(session=request.session, purpose=PURPOSE, email=email)
    keep_pending(request, identity, **named)
    return redirect("confirm-provider")


@login_not_required
@never_cache
@asking
def confirm_provider(request: HttpRequest) -> HttpResponse:
    identity, code = pending_identity(request), EmailedCode(request.session, PURPOSE)
    if identity is None or not code.state or request.user.is_authenticated:
        return redirect("provider-sign-up")
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _finish(request, identity, code, form.cleaned_data["code"])
        except ValidationError as refusal:
            form.add_error("code", refusal)
    context = {"form": form, "identity": identity} | code_context(code)
    return render(request, "accounts/providers/confirm.html", context)


def _finish(request: HttpRequest, identity: Identity, code: EmailedCode, typed: str) -> HttpResponse:
    if identity.email not in ("", code.email):
        raise void_code()
    check_code(request, code, typed)
    user = User.objects.filter(email=code.email).first()
    if user is None:
        return _register(request, identity, code.email, name=identity.name, time_zone=identity.time_zone)
    if not user.is_active:
        raise void_code()
    link_log_in(identity=identity, by=Actor(user, client_ip_address(request)))
    _forget(request)
    messages.success(
        request, _("You can now log in with %(provider)s.") % {"provider": identity.provider_name}
    )
    return log_in_with_identity(request, user, identity.provider, url=identity.back or None)


def _register(
    request: HttpRequest, identity: Identity, email: str, *, name: str, time_zone: str
) -> HttpResponse:
    user = register_with_log_in(
        identity=identity,
        email=email,
        name=name,
        time_zone=time_zone,
        language=get_language() or "",
        by=actor_of(request),
    )
    _forget(request)
    messages.success(request, _("Welcome, %(name)s. Your email address is confirmed.") % {"name": user})
    record_authentication(request, user, METHOD, provider=identity.provider)
    return log_in_new_person(request, user, url=identity.back or None)


def _forget(request: HttpRequest) -> None:
    forget_pending(request)
    EmailedCode(request.session, PURPOSE).drop()


@login_not_required
@require_POST
def resend_provider_code(request: HttpRequest) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    if pending_identity(request) is None or not code.state:
        return redirect("provider-sign-up")
    try:
        count_email(request, code.email)
        issue_code(session=request.session, purpose=PURPOSE, email=code.email)
        messages.success(request, _("A new code is on its way. The previous one no longer works."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("confirm-provider")
