"""Another email address: the page to ask for it, and the code; also for a log-in before it is confirmed."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.views import ConfirmEmailVerificationCodeView, EmailView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from accounts.codes import LIFETIME, NO_CODE
from accounts.models import LinkedAddress
from accounts.panels import address_panel, notes_on_address
from accounts.security_log import log_event


class ChangeAddress(EmailView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        panel = address_panel(current=context["current_emailaddress"], new=context["new_emailaddress"])
        linked = LinkedAddress.objects.filter(user=self.request.user)
        notes = notes_on_address(self.request.user)
        return context | {"panel": panel, "linked": linked, "notes": notes}


@method_decorator(login_not_required, name="dispatch")
class ConfirmAddress(ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    def _verify_form_invalid(self, form: Any) -> HttpResponse:
        is_no_try = form.has_error("code", NO_CODE) or form.has_error("code", "required")
        if not is_no_try:
            self._log_failed()
        if is_no_try or self._process.record_invalid_attempt():
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]
        messages.error(
            self.request, _("That was the wrong code for the third time. Please ask for a new one.")
        )
        return redirect("account_email" if self.request.user.is_authenticated else "account_login")

    def _log_failed(self) -> None:
        """The email address may be new; the person who is logged in, or about to be, is known."""
        is_in = self.request.user.is_authenticated
        account = self._process.user
        purpose = "address" if is_in else "log-in"
        log_event(self.request, "code", "failed", account=account.pk if account else None, purpose=purpose)

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        """Two people may confirm the same email address at the same time; the database allows only one."""
        state = dict(self._process.state)
        try:
            with transaction.atomic():
                return super()._verify_form_valid(form)  # type: ignore[no-any-return]
        except IntegrityError:
            self.request.session[EMAIL_VERIFICATION_CODE_SESSION_KEY] = state
            form.add_error("code", get_adapter().validation_error("email_taken"))
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the time at which the code expires. Asking for another code does not extend it."""
        ends_at = datetime.fromtimestamp(self._process.state["at"] + LIFETIME, UTC)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"ends_at": ends_at}
