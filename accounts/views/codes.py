"""What the pages on which an emailed code is entered have in common."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.codes import NO_CODE, EmailedCode
from accounts.email_limits import count_email
from accounts.password_attempts import record_failure
from accounts.security_log import log_failed_code

__all__ = ["check_code", "code_context", "count_email"]


def check_code(request: HttpRequest, code: EmailedCode, typed: str) -> None:
    """As `EmailedCode.check`; a failed try goes to the security log and counts against its network."""
    try:
        code.check(typed)
    except ValidationError as refusal:
        if refusal.code != NO_CODE:
            record_failure(request)
            log_failed_code(request, code.purpose, code.email)
        raise


def code_context(code: EmailedCode) -> dict[str, Any]:
    return {"email": code.email, "ends_at": code.ends_at, "resend_wait": code.resend_wait}
