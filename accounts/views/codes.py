"""What the pages share on which a mailed code is typed in."""

from typing import Any

from accounts.codes import MailedCode
from accounts.mailboxes import spend_mail

__all__ = ["code_context", "spend_mail"]


def code_context(code: MailedCode) -> dict[str, Any]:
    return {"email": code.email, "ends_at": code.ends_at, "resend_wait": code.resend_wait}
