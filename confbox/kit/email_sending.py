"""The background worker sends emails, so that no page waits for a mail server.

A verb sends its emails inside its transaction; they are sent if and only if it commits. None is sent twice:
its task is committed as failed before the first byte leaves, and as successful once the mail server has
accepted it. If the worker dies in between, the task stays failed, because the email may have been sent.
What the mail server does not take for the moment is tried again (`email_failures`).
"""

from contextlib import closing
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task, TaskContext

from confbox.kit.bounce_addresses import set_bounce_address
from confbox.kit.email_addresses import is_invented
from confbox.kit.email_failures import UncertainError, before_sending, failure_of, name_of
from confbox.kit.email_headers import automatic_headers
from confbox.kit.email_html import html_of_email
from confbox.kit.encryption import decrypt, encrypt

MAY_BE_SENT = "The worker stopped while it was sending this email, which may have been sent."


def enqueue_on_commit(task: Task[..., Any], **arguments: Any) -> None:
    """Enqueues a task once this transaction has committed; drops it if the transaction rolls back.

    A queue in our own database is written to immediately, in the same transaction: if the process died
    between the commit and the enqueueing, the task would be lost.
    """
    if settings.TASKS_REDIS_URL:
        transaction.on_commit(partial(task.enqueue, **arguments))
    else:
        task.enqueue(**arguments)


@task(queue_name="mail", takes_context=True)
def deliver_email(
    context: TaskContext,
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
    send_once(context, message, decrypt(encrypted_html))


@task(queue_name="mail", takes_context=True)
def deliver_secret_email(context: TaskContext, /, **email: Any) -> None:
    """A task of its own, so that it is in no list of emails that were not sent."""
    # The type of a task leaves out its context.
    deliver: Any = deliver_email.func
    deliver(context, **email)


def send_once(context: TaskContext, message: EmailMultiAlternatives, html: str) -> None:
    """Sends the email of this task, unless the task has begun to send it before, or another worker does."""
    message.connection = get_connection()
    with before_sending():
        message.connection.open()
    with closing(message.connection):
        # Only now, because whatever dies from here on is not repeated.
        with before_sending():
            has_begun = _begin_to_send(context)
        if has_begun:
            _send_what_has_begun(message, html)


def _send_what_has_begun(message: EmailMultiAlternatives, html: str) -> None:
    try:
        send_now(message, html)
    except (SMTPException, OSError) as error:
        raise failure_of(error) from error


def send_now(message: EmailMultiAlternatives, html: str) -> None:
    message.extra_headers = automatic_headers() | message.extra_headers
    message.attach_alternative(html, "text/html")
    set_bounce_address(message).send()


def _begin_to_send(context: TaskContext) -> bool:
    if not _is_in_the_database(context):
        return True
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  # only with this back end

    mine = DBTaskResult.objects.filter(pk=context.task_result.id, status="RUNNING")
    columns = {"finished_at": timezone.now(), "traceback": MAY_BE_SENT}
    columns["exception_class_path"] = name_of(UncertainError)
    return bool(mine.update(status="FAILED", **columns))


def _is_in_the_database(context: TaskContext) -> bool:
    return str(settings.TASKS[context.task_result.backend]["BACKEND"]).startswith("django_tasks_db.")


def send_email(message: EmailMessage, *, is_secret: bool = False) -> None:
    """Hands a message to the background worker. None goes to an invented person.

    A message without an HTML part gets one here, in the active language.

    The bodies are encrypted, because an email can contain a code and the queue is a table.
    `is_secret` says that no organiser may learn that it is sent, or to whom.
    """
    if all(is_invented(email) for email in message.to):
        return
    alternatives = getattr(message, "alternatives", [])
    text, subject = str(message.body), str(message.subject)
    html = str(alternatives[0][0]) if alternatives else html_of_email(text, subject=subject)
    enqueue_on_commit(
        deliver_secret_email if is_secret else deliver_email,
        subject=subject,
        encrypted_text=encrypt(text),
        encrypted_html=encrypt(html),
        sender=message.from_email,
        to=list(message.to),
        reply_to=list(message.reply_to),
        headers=dict(message.extra_headers),
    )
