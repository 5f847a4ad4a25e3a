"""Emails that were not sent, or of which no one knows, for the organisers of the site, who decide about each.

Without those that are tried again automatically, those of campaigns, which have pages of their own, and those
of which no organiser may learn.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import User
from accounts.permissions import Viewer, has_site_permission
from confbox.kit.email_failures import LostError, NotNowError, UncertainError, is_uncertain, name_of
from confbox.kit.email_sending import deliver_email
from confbox.kit.outcomes import Change
from conferences.models import Conference

READ = "accounts.view_user"
SETTLED = "settled"
# Longer than any mail server takes; until then, the email is being sent.
LONGEST_SENDING = timedelta(minutes=5)
# The tasks that send one email each. Apps above this one add theirs when the site starts.
EMAIL_TASKS = [deliver_email.module_path]


@dataclass(frozen=True)
class FailedEmail:
    """An email of the queue: about its subject, or about a conference if it is written when it leaves."""

    id: str
    to: str
    about: str
    asked_at: datetime
    is_uncertain: bool
    answer: str


def may_read(user: Viewer) -> bool:
    return has_site_permission(user, READ)


def failed_tasks() -> Any:
    found = DBTaskResult.objects.failed().filter(task_path__in=EMAIL_TASKS)
    found = found.exclude(exception_class_path__in=[name_of(NotNowError), name_of(LostError), SETTLED])
    just_now = timezone.now() - LONGEST_SENDING
    being_sent = {"exception_class_path": name_of(UncertainError), "finished_at__gt": just_now}
    return found.exclude(**being_sent).order_by("-enqueued_at", "pk")


def failed_in(tasks: Any) -> list[FailedEmail]:
    """With names for what the tasks only have IDs of: one query for each kind."""
    rows = list(tasks)
    facts = [row.args_kwargs["kwargs"] for row in rows]
    people = User.objects.in_bulk({each["person_id"] for each in facts if "person_id" in each})
    conferences = Conference.objects.in_bulk({each["conference_id"] for each in facts if "to" not in each})
    return [_failed(row, people, conferences) for row in rows]


def _failed(row: Any, people: dict[int, User], conferences: dict[int, Conference]) -> FailedEmail:
    facts, person = row.args_kwargs["kwargs"], None
    if "to" not in facts:
        person = people.get(facts["person_id"])
    return FailedEmail(
        id=str(row.pk),
        to=", ".join(facts["to"]) if "to" in facts else person.email if person else "",
        about=str(facts["subject"] if "to" in facts else conferences.get(facts["conference_id"], "")),
        asked_at=row.enqueued_at,
        is_uncertain=is_uncertain(row.exception_class_path),
        answer=_last_line(row.traceback),
    )


def _last_line(traceback: str) -> str:
    """What the mail server said, without the name of the exception."""
    lines = traceback.strip().splitlines()
    return lines[-1].partition(": ")[2] if lines else ""


def send_email_again(*, task_id: UUID, by: Actor) -> Change:
    """No change if it is no longer among those that were not sent."""
    columns = {"status": "READY", "run_after": timezone.now(), "worker_ids": []}
    columns |= {"exception_class_path": "", "traceback": ""}
    return _decide(task_id, columns, "send email again", _("An email that was not sent is sent again."), by)


def settle_email(*, task_id: UUID, by: Actor) -> Change:
    """It is not sent again, and no longer listed. No change if it was not listed."""
    said = _("An email that was not sent is settled.")
    return _decide(task_id, {"exception_class_path": SETTLED}, "settle email", said, by)


def _decide(task_id: UUID, columns: dict[str, Any], act: str, what: str, by: Actor) -> Change:
    with transaction.atomic():
        listed = failed_tasks().filter(pk=task_id).select_for_update().exists()
        done = Change.of(DBTaskResult.objects.filter(pk=task_id).update(**columns) if listed else 0)
        if done is Change.MADE:
            # Without the recipient: the audit log outlives their account.
            log_act(by=by, act=act, target=User, what=what)
    return done
