"""Emails leave through the background worker, so that no page waits for a mail server.

A verb sends its emails inside its transaction; they leave if it commits, and only then.
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django_tasks import task
from django_tasks.base import Task

from confbox.kit.email_headers import automatic_headers
from confbox.kit.email_html import html_of_email
from confbox.kit.encryption import decrypt, encrypt


def enqueue_on_commit(task: Task[..., Any], **arguments: Any) -> None:
    """Has the worker do it once this transaction has committed; it is forgotten if that rolls back.

    A queue that is a table of our database is written to now, in the same transaction: enqueueing after
    the commit would lose the task if the process died in between.
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
    enqueue_on_commit(
        deliver_email,
        subject=subject,
        encrypted_text=encrypt(text),
        encrypted_html=encrypt(html),
        sender=message.from_email,
        to=list(message.to),
        headers=dict(message.extra_headers),
    )
