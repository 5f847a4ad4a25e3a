"""Emails leave through the background worker, so that no page waits for a mail server."""

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django_tasks import task

from confbox.kit.email_headers import automatic_headers
from confbox.kit.email_html import html_of_email
from confbox.kit.encryption import decrypt, encrypt


@task(queue_name="mail")
def deliver_email(
    *,
    subject: str,
    encrypted_text: str,
    encrypted_html: str,
    sender: str,
    to: list[str],
    headers: dict[str, str],
) -> None:
    message = EmailMultiAlternatives(subject, decrypt(encrypted_text), sender, to, headers=headers)
    send_now(message, decrypt(encrypted_html))


def send_now(message: EmailMultiAlternatives, html: str) -> None:
    message.extra_headers = automatic_headers() | message.extra_headers
    message.attach_alternative(html, "text/html")
    message.send()


def send_email(message: EmailMessage) -> None:
    """Hands a message to the background worker.

    What has no HTML of its own gets it here, in the language that is spoken now.

    The bodies are sealed: a mail can hold a code, and the queue is a table.
    """
    alternatives = getattr(message, "alternatives", [])
    text, subject = str(message.body), str(message.subject)
    html = str(alternatives[0][0]) if alternatives else html_of_email(text, subject=subject)
    deliver_email.enqueue(
        subject=subject,
        encrypted_text=encrypt(text),
        encrypted_html=encrypt(html),
        sender=message.from_email,
        to=list(message.to),
        headers=dict(message.extra_headers),
    )
