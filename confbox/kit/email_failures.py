"""Why an email was not sent, as the queue stores it, and when one that was not taken is tried again.

A task that fails keeps the name of its exception: that is the state in which these are found.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models import QuerySet

from confbox.kit.smtp_replies import Meaning, reply_in

# After the first attempt, the second, and so on; after the last one, the email has failed.
DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]


class RefusedError(Exception):
    """The mail server refused it for good."""


class NotNowError(Exception):
    """The mail server did not take it for the moment, or could not be reached. None of it has left."""


class GivenUpError(Exception):
    """It was not taken for the moment, too often."""


class UncertainError(Exception):
    """The connection broke while it was being sent, so it may have been."""


class LostError(Exception):
    """The worker seems to have been killed before anything left, so a new task does it."""


BY_MEANING = {
    Meaning.LATER: NotNowError,
    Meaning.REFUSED: RefusedError,
    # Its sending had begun.
    Meaning.NONE: UncertainError,
}


def name_of(kind: type[Exception]) -> str:
    """As the queue stores it."""
    return f"{kind.__module__}.{kind.__qualname__}"


def is_uncertain(path: str) -> bool:
    """Whether the email may have been sent. The name of a database error is stored only after that."""
    return path == name_of(UncertainError) or path.startswith(Error.__module__)


@contextmanager
def before_sending() -> Iterator[None]:
    """Whatever goes wrong in this block with the database or the mail server is tried again."""
    try:
        yield
    except (Error, SMTPException, OSError) as error:
        raise NotNowError(str(error)) from error


def failure_of(error: SMTPException | OSError) -> Exception:
    """What became of an email whose sending had begun."""
    return BY_MEANING[reply_in(error).meaning](str(error))


def retry_later() -> int:
    """Puts what was refused for the moment back into the queue, after a growing pause. Returns how many."""
    if settings.TASKS_REDIS_URL:
        return 0
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  # only with this back end

    waiting = DBTaskResult.objects.failed().filter(exception_class_path=name_of(NotNowError))
    return sum(_retry_or_give_up(waiting, row) for row in waiting)


def _retry_or_give_up(waiting: QuerySet[Any], row: Any) -> int:
    mine, attempts = waiting.filter(pk=row.pk), len(row.worker_ids)
    if attempts > len(DELAYS):
        mine.update(exception_class_path=name_of(GivenUpError))
        return 0
    return mine.update(status="READY", run_after=row.finished_at + DELAYS[attempts - 1])
