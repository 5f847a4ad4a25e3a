from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django_tasks import task

from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_html import html_of_email
from confbox.kit.email_sending import send_now
from confbox.kit.encryption import decrypt


@task(queue_name="mail")
def email_signup_code(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code to a new address, and a note to one that already has an account.

    The page that asked does not know which it was, so neither its response nor its timing can reveal it.
    """
    known = User.objects.filter(email=email).exists()
    template = "known_address" if known else "signup_code"
    _email(template, email, language, {"code": decrypt(encrypted_code)})


@task(queue_name="mail")
def email_reset_code(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code to a person who may log in; nothing is sent to any other address."""
    if User.objects.active().filter(email=email).exists():
        _email("reset_code", email, language, {"code": decrypt(encrypted_code)})


@task(queue_name="mail")
def email_log_in_code(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code to a person who may log in; nothing is sent to any other address."""
    if User.objects.active().filter(email=email).exists():
        _email("log_in_code", email, language, {"code": decrypt(encrypted_code)})


@task(queue_name="mail")
def email_code_again(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code with which a person who is logged in shows again who they are."""
    _email("again_code", email, language, {"code": decrypt(encrypted_code)})


@task(queue_name="mail")
def email_provider_code(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code that makes the log-in of a provider one of this address; none to a disabled account."""
    if not User.objects.filter(email=email, is_active=False).exists():
        _email("provider_code", email, language, {"code": decrypt(encrypted_code)})


@task(queue_name="mail")
def email_enrolment_code(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code that comes before a person's first second factor."""
    _email("enrolment_code", email, language, {"code": decrypt(encrypted_code)})


@task(queue_name="mail")
def email_ticket_code(*, email: str, encrypted_code: str, language: str) -> None:
    """Emails the code that links an address to an account: to every address the same, listed or not."""
    _email("ticket_code", email, language, {"code": decrypt(encrypted_code)})


def _email(template: str, email: str, language: str, context: dict[str, Any]) -> None:
    context |= {"site_name": settings.SITE_NAME, "site": settings.SITE_URL, "email": email}
    with translation.override(language):
        subject = " ".join(render_to_string(f"accounts/emails/{template}_subject.txt", context).split())
        text = render_to_string(f"accounts/emails/{template}.txt", context)
        message = site_email(subject=subject, text=text, to=email)
        html = html_of_email(str(message.body), subject=subject)
    send_now(message, html)
