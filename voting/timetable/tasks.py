"""The emails of the timetable to the team and to the chosen member.

Each is written when it is sent: the workers may have stopped since it was due.
"""

from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import override
from django_tasks import task
from django_tasks.base import TaskContext

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_addresses import is_invented
from confbox.kit.email_failures import before_sending
from confbox.kit.email_html import html_of_email
from confbox.kit.email_sending import send_once
from conferences.contact import conference_email
from conferences.models import Conference
from voting.campaigns.kinds.notices import is_late
from voting.elections.election.models import Election
from voting.timetable.kinds.kind import NoticeKind
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice

Outcome = Notice.Outcome


@task(queue_name="mail", takes_context=True)
def email_person(context: TaskContext, *, conference_id: int, code: str, person_id: int, due_at: str) -> None:
    """Not if it has become too late or is no longer needed; if it has become late, it says so."""
    with before_sending():
        email = email_if_needed(KINDS[code], conference_id, person_id, datetime.fromisoformat(due_at))
    if email:
        send_once(context, *email)


def email_if_needed(
    kind: NoticeKind, conference_id: int, person_id: int, due: datetime
) -> tuple[EmailMultiAlternatives, str] | None:
    conference = Conference.objects.as_of_now().select_related("election").get(pk=conference_id)
    election = conference.election
    election.conference = conference
    if election.now >= kind.too_late_from(election, due):
        _note(kind, election, due, Outcome.SKIPPED, Notice.Reason.LATE)
        return None
    person = next((p for p in kind.people(election) if p.pk == person_id), None)
    is_needed = kind.is_for(election) and not kind.unneeded(election, due)
    if person is None or not is_needed or is_invented(person.email):
        return None
    late = due if is_late(due, election.now) else None
    if late:
        _note(kind, election, due, Outcome.REWORDED, Notice.Reason.NONE)
    return email_to(person, kind=kind, election=election, late=late)


def email_to(
    person: User, *, kind: NoticeKind, election: Election, late: datetime | None
) -> tuple[EmailMultiAlternatives, str]:
    """The email and its HTML, both in the language of this person."""
    draft = kind.write_to(person, election, late)
    with override(language_of(person)):
        email = conference_email(election.conference, subject=draft.subject, text=draft.text, to=person.email)
        return email, html_of_email(str(email.body), subject=str(email.subject))


def _note(kind: NoticeKind, election: Election, due: datetime, outcome: str, reason: str) -> None:
    rows = Notice.objects.filter(conference=election.conference, kind=kind.code, outcome=Outcome.SENT)
    rows.filter(due_at=due).update(outcome=outcome, reason=reason)
