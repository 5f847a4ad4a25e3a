"""What the pages share on which a mailed code is typed in."""

from typing import Any

from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.codes import RATE, MailedCode


def spend_mail(request: HttpRequest, email: str) -> None:
    """Counts one code mail to this address, whether or not anybody has it.

    Raises:
        ValidationError: too many were asked for.
    """
    config = {"mail_code": RATE}
    if not ratelimit.consume(request, app="accounts", action="mail_code", key=email, config=config):
        raise ValidationError(
            _("We have mailed this address a moment ago. Please wait a little, then ask again.")
        )


def code_context(code: MailedCode) -> dict[str, Any]:
    return {"email": code.email, "ends_at": code.ends_at, "resend_wait": code.resend_wait}
