from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import get_language

from accounts import tasks
from accounts.codes import EmailedCode
from confbox.kit.email_sending import enqueue_on_commit
from confbox.kit.encryption import encrypt

EMAILED_BY = {
    "signup": tasks.email_signup_code,
    "reset": tasks.email_reset_code,
    "log-in": tasks.email_log_in_code,
    "again": tasks.email_code_again,
    "provider": tasks.email_provider_code,
    "enrolment": tasks.email_enrolment_code,
    "ticket": tasks.email_ticket_code,
}


def issue_code(*, session: SessionBase, purpose: str, email: str) -> None:
    """Emails a new code in the active language; the previous one becomes invalid."""
    code = EmailedCode(session, purpose).issue(email=email)
    enqueue_on_commit(EMAILED_BY[purpose], email=email, encrypted_code=encrypt(code), language=get_language())
