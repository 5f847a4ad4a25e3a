"""One email when a problem begins, when it changes, after each day that it lasts, and when it is solved.

It is sent directly, because the background work may be what has stopped. Who gets it and what was sent last
is in a file, because the database may be what has stopped.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import Error
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_html import html_of_email
from confbox.kit.email_sending import send_now
from confbox.kit.file_locks import try_lock
from confbox.kit.full_disks import with_room, write_over
from confbox.kit.outcomes import Change
from confbox.watching.findings import Checked, Verdict
from conferences.overview.undelivered import may_read

AGAIN_AFTER_SECONDS = 24 * 3600
logger = logging.getLogger(__name__)


@dataclass
class Sent:
    """What the last email was about: the titles of the problems by the names of their checks."""

    problems: dict[str, str] = field(default_factory=dict)
    at: float = 0.0
    to: list[str] = field(default_factory=list)


def raise_alarm(checked: list[Checked]) -> Change:
    """Returns whether an email was due and at least one mail server took it."""
    with _kept() as file:
        if not try_lock(file):
            return Change.NONE
        return _compare(checked, file)


@contextmanager
def _kept() -> Iterator[TextIO]:
    path = Path(settings.VAR_DIR) / "doctor-alarm.json"
    path.touch(mode=0o600)
    with path.open("r+") as file:
        yield file


def _compare(checked: list[Checked], file: TextIO) -> Change:
    sent = _read(file)
    sent.to = _recipients() or sent.to
    problems = [each for each in checked if each.verdict is Verdict.PROBLEM]
    now = {each.check.name: str(each.check.title) for each in problems}
    is_due = now != sent.problems or (bool(now) and time.time() - sent.at >= AGAIN_AFTER_SECONDS)
    done = Change.of(is_due and _send(problems, sent))
    if done is Change.MADE:
        sent.problems, sent.at = now, time.time()
    _write(file, sent)
    return done


def _read(file: TextIO) -> Sent:
    """A file that cannot be read, such as one from a full disk, is as good as none."""
    try:
        return Sent(**json.load(file))
    except (ValueError, TypeError):
        return Sent()


def _write(file: TextIO, sent: Sent) -> None:
    """Also on a full disk, or each turn would send the email again."""
    try:
        write_over(file.fileno(), with_room(json.dumps(asdict(sent))))
    except OSError as error:
        logger.warning("What was sent could not be noted: %s", type(error).__name__)


def _recipients() -> list[str]:
    """Those of ALARM_EMAILS, or else the organisers of the site; none if the database does not answer."""
    if settings.ALARM_EMAILS:
        return list(settings.ALARM_EMAILS)
    try:
        staff = list(User.objects.active().filter(is_staff=True).order_by("pk"))
        return [person.email for person in staff if may_read(person)]
    except Error:
        return []


def _send(problems: list[Checked], sent: Sent) -> bool:
    facts = {"site_name": settings.SITE_NAME, "url": settings.SITE_URL + reverse("admin:doctor")}
    facts |= {"titles": ", ".join(sent.problems.values())}
    if problems:
        said = _("%(site)s has a problem: %(titles)s")
        titles = ", ".join(str(each.check.title) for each in problems)
        text = render_to_string("admin/doctor/emails/alarm.txt", facts | {"problems": problems})
    else:
        said, titles = _("%(site)s: solved: %(titles)s"), facts["titles"]
        text = render_to_string("admin/doctor/emails/solved.txt", facts)
    subject = said % {"site": settings.SITE_NAME, "titles": titles}
    reached = [_reaches(to, subject, text) for to in sent.to]
    return any(reached)


def _reaches(to: str, subject: str, text: str) -> bool:
    """If none of them is taken, the next turn tries again."""
    email = site_email(subject=subject, text=text, to=to)
    try:
        send_now(email, html_of_email(str(email.body), subject=subject))
    except OSError as error:
        logger.warning("An alarm could not be sent: %s", type(error).__name__)
        return False
    return True
