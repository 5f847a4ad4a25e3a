"""The code for another address, and for a log-in with an address that is not confirmed yet."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.views import ConfirmEmailVerificationCodeView
from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator

from accounts.codes import LIFETIME


@method_decorator(login_not_required, name="dispatch")
class ConfirmAddress(ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds when the code ends. Another code in between does not move that moment."""
        ends_at = datetime.fromtimestamp(self._process.state["at"] + LIFETIME, UTC)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"ends_at": ends_at}
