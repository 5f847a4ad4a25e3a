"""A forgotten password: a code by email, then a new password.

Only the worker that sends emails and a right code reveal whether there is an account with this email
address; the page that asks never does.
"""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.views import CompletePasswordResetView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.actions import end_other_sessions
from accounts.actors import Actor
from accounts.codes import EmailedCode, void_code
from accounts.forms import AddressForm, CodeForm
from accounts.issued_codes import issue_code
from accounts.models import User
from accounts.views.codes import check_code, code_context, count_email
from confbox.kit.form_pages import asking
from confbox.kit.ip_addresses import client_ip_address

PURPOSE = "reset"
# Where the person was going when they had to log in.
NEXT = "reset_next"


@login_not_required
@never_cache
@asking
def reset_password(request: HttpRequest) -> HttpResponse:
    form, back = AddressForm(request.POST or None), _way_back(request)
    if request.method == "POST" and form.is_valid():
        if back:
            request.session[NEXT] = back
        try:
            if not EmailedCode(request.session, PURPOSE).was_just_sent_to(form.cleaned_data["email"]):
                _send_code(request, form.cleaned_data["email"])
            return redirect("account_confirm_password_reset_code")
        except ValidationError as refusal:
            form.add_error("email", refusal)
    field = format_html('<input type="hidden" name="next" value="{}">', back) if back else ""
    return render(request, "account/password_reset.html", {"form": form, "redirect_field": field})


def _way_back(request: HttpRequest) -> str:
    """The page of this site that was asked for, or nothing."""
    back = request.POST.get("next") or request.GET.get("next", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def _send_code(request: HttpRequest, email: str) -> None:
    count_email(request, email)
    issue_code(session=request.session, purpose=PURPOSE, email=email)


@login_not_required
@never_cache
@asking
def confirm_reset(request: HttpRequest) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    if not code.state:
        is_confirmed = PasswordResetVerificationProcess.resume(request) is not None
        return redirect("account_complete_password_reset" if is_confirmed else "account_reset_password")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _finish(request, code, form.cleaned_data["code"])
        except ValidationError as refusal:
            form.add_error("code", refusal)
    return _page(request, code, form=form)


def _page(request: HttpRequest, code: EmailedCode, **context: Any) -> HttpResponse:
    return render(request, "accounts/confirm_reset.html", context | code_context(code))


def _finish(request: HttpRequest, code: EmailedCode, typed: str) -> HttpResponse:
    """Hands over to allauth, which asks for the new password and ends every session."""
    check_code(request, code, typed)
    user = User.objects.active().filter(email=code.email).first()
    if user is None:
        raise void_code()
    state = PasswordResetVerificationProcess.initial_state(user, code.email)
    state["person_as_it_was"] = user.get_session_auth_hash()
    code.drop()
    PasswordResetVerificationProcess(request, state, user=user).confirm_code()
    return redirect("account_complete_password_reset")


@login_not_required
@require_POST
def resend_reset_code(request: HttpRequest) -> HttpResponse:
    code = EmailedCode(request.session, PURPOSE)
    if not code.state:
        return redirect("account_reset_password")
    try:
        _send_code(request, code.email)
        messages.success(request, _("A new code is on its way. The previous one no longer works."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect("account_confirm_password_reset_code")


@method_decorator(login_not_required, name="dispatch")
class CompleteReset(CompletePasswordResetView):  # type: ignore[misc]
    """Accepts the new password, unless account, email address or password have changed since the code."""

    def dispatch(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        process = PasswordResetVerificationProcess.resume(request)
        if process and not _is_as_it_was(process):
            process.abort()
            messages.error(request, void_code().message)
        response: HttpResponseBase = super().dispatch(request, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """First ends all that a thief may have: hashing the new password may have to wait its turn."""
        by = Actor(self._process.user, client_ip_address(self.request))
        end_other_sessions(session_key=self.request.session.session_key, by=by)
        response: HttpResponse = super().form_valid(form)
        return response

    def get_success_url(self) -> str:
        back = self.request.session.pop(NEXT, "")
        return reverse("account_login") + (f"?{urlencode({'next': back})}" if back else "")


def _is_as_it_was(process: PasswordResetVerificationProcess) -> bool:
    state = process.state
    user = User.objects.active().filter(pk=state.get("user_id"), email=state["email"]).first()
    return user is not None and user.get_session_auth_hash() == state.get("person_as_it_was")
