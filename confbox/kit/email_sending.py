"""The background worker sends emails, so that no page waits for a mail server.

A verb sends its emails inside its transaction; they are sent if and only if it commits.
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django_tasks import task
from django_tasks.base import Task

from confbox.kit.email_addresses import is_invented
from confbox.kit.email_headers import automatic_headers
from confbox.kit.email_html import html_of_email
from confbox.kit.encryption import decrypt, encrypt


def enqueue_on_commit(task: Task[..., Any], **arguments: Any) -> None:
    """Enqueues a task once this transaction has committed; drops it if the transaction rolls back.

    A queue in our own database is written to immediately, in the same transaction: if the process died
    between the commit and the enqueueing, the task would be lost.
    """
    if settings.TASKS_REDIS_URL:
        transaction.on_commit(partial(task.enqueue, **arguments))
    else:
        task.enqueue(**arguments)


@task(queue_name="mail")
def deliver_email(
    *,
    subject: str,
    encrypted_text: str,
    encrypted_html: str,
    sender: str,
    to: list[str],
    reply_to: list[str],
    headers: dict[str, str],
) -> None:
    message = EmailMultiAlternatives(
        subject, decrypt(encrypted_text), sender, to, reply_to=reply_to, headers=headers
    )
    send_now(message, decrypt(encrypted_html))


def send_now(message: EmailMultiAlternatives, html: str) -> None:
    message.extra_headers = automatic_headers() | message.extra_headers
    message.attach_alternative(html, "text/html")
    message.send()


def send_email(message: EmailMessage) -> None:
    """Hands a message to the background worker. None goes to an invented person.

    A message without an HTML part gets one here, in the active language.

    The bodies are encrypted, because an email can contain a code and the queue is a table.
    """
    if all(is_invented(email) for email in message.to):
        return
    alternatives = getattr(message, "alternatives", [])
    text, subject = str(message.body), str(message.subject)
    html = str(alternatives[0][0]) if alternatives else html_of_email(text, subject=subject)
    enqueue_on_commit(
        deliver_email,
        subject=subject,
        encrypted_text=encrypt(text),
        encrypted_html=encrypt(html),
        sender=message.from_email,
        to=list(message.to),
        reply_to=list(message.reply_to),
        headers=dict(message.extra_headers),
    )
