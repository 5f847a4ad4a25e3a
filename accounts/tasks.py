from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django_tasks import task

from accounts.letters import letter_html
from accounts.mail_headers import automatic_headers
from accounts.models import User
from accounts.seals import seal, unseal


@task(queue_name="mail")
def deliver_mail(
    *, subject: str, sealed_text: str, sealed_html: str, sender: str, to: list[str], headers: dict[str, str]
) -> None:
    message = EmailMultiAlternatives(subject, unseal(sealed_text), sender, to, headers=headers)
    _send(message, unseal(sealed_html))


def _send(message: EmailMultiAlternatives, html: str) -> None:
    message.extra_headers = automatic_headers() | message.extra_headers
    message.attach_alternative(html, "text/html")
    message.send()


def send_mail(message: EmailMessage) -> None:
    """Hands a message to the background worker, so that no page waits for a mail server.

    What has no HTML of its own gets it here, in the language that is spoken now.

    The bodies are sealed: a mail can hold a code, and the queue is a table.
    """
    alternatives = getattr(message, "alternatives", [])
    text, subject = str(message.body), str(message.subject)
    html = str(alternatives[0][0]) if alternatives else letter_html(text, subject=subject)
    deliver_mail.enqueue(
        subject=subject,
        sealed_text=seal(text),
        sealed_html=seal(html),
        sender=message.from_email,
        to=list(message.to),
        headers=dict(message.extra_headers),
    )


@task(queue_name="mail")
def mail_signup_code(*, email: str, sealed_code: str, language: str) -> None:
    """Mails the code to a new address, and a note to one that has an account.

    The page that asked does not know which it was, so neither its answer nor its time can tell.
    """
    known = User.objects.filter(email=email).exists()
    template = "known_address" if known else "signup_code"
    _mail(template, email, language, {"code": unseal(sealed_code)})


@task(queue_name="mail")
def mail_reset_code(*, email: str, sealed_code: str, language: str) -> None:
    """Mails the code to a person who may log in; nothing leaves for any other address."""
    if User.objects.active().filter(email=email).exists():
        _mail("reset_code", email, language, {"code": unseal(sealed_code)})


@task(queue_name="mail")
def mail_enrolment_code(*, email: str, sealed_code: str, language: str) -> None:
    """Mails the code that comes before a person's first second factor."""
    _mail("enrolment_code", email, language, {"code": unseal(sealed_code)})


def _mail(template: str, email: str, language: str, context: dict[str, Any]) -> None:
    context |= {"site_name": settings.SITE_NAME, "site": settings.SITE_URL, "email": email}
    with translation.override(language):
        subject = " ".join(render_to_string(f"accounts/mails/{template}_subject.txt", context).split())
        text = render_to_string(f"accounts/mails/{template}.txt", context)
        html = letter_html(text, subject=subject)
    _send(EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [email]), html)
