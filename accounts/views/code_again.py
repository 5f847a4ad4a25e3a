"""To show again who one is with a code by email, for people who do not know their password or have none."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.codes import NO_CODE, EmailedCode, void_code
from accounts.forms import CodeForm
from accounts.issued_codes import issue_code
from accounts.log_in_code import METHOD
from accounts.requests import PersonRequest
from accounts.security_log import log_failed_code
from accounts.views.codes import code_context, count_email
from confbox.kit.form_pages import way_back

PURPOSE = "again"


@method_decorator(never_cache, name="dispatch")
class ReauthenticateByCode(BaseReauthenticateView):  # type: ignore[misc]
    form_class = CodeForm
    template_name = "accounts/reauthenticate_by_code.html"

    def form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            _check(self.request, form.cleaned_data["code"])
        except ValidationError as refusal:
            form.add_error("code", refusal)
            return self.form_invalid(form)  # type: ignore[no-any-return]
        EmailedCode(self.request.session, PURPOSE).drop()
        record_authentication(self.request, self.request.user, METHOD, reauthenticated=True)
        return super().form_valid(form)  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        code = EmailedCode(self.request.session, PURPOSE)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        known = {"is_sent": bool(code.state), "email": self.request.user.email}
        return context | code_context(code) | known


def _check(request: PersonRequest, typed: str) -> None:
    """A guess counts against the code only: strangers behind the same network have no part in it."""
    code = EmailedCode(request.session, PURPOSE)
    try:
        code.check(typed)
        if code.email != request.user.email:
            raise void_code()
    except ValidationError as refusal:
        if refusal.code != NO_CODE:
            log_failed_code(request, PURPOSE, request.user.email)
        raise


@require_POST
def send_code_again(request: PersonRequest) -> HttpResponse:
    back, email = way_back(request, ""), request.user.email
    there = reverse("reauthenticate-by-code") + (f"?{urlencode({'next': back})}" if back else "")
    if EmailedCode(request.session, PURPOSE).was_just_sent_to(email):
        return redirect(there)
    try:
        count_email(request, email)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect(there)
    issue_code(session=request.session, purpose=PURPOSE, email=email)
    messages.success(request, _("A code is on its way."))
    return redirect(there)
