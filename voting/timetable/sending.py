"""A turn of the worker: whatever is due now is sent, once, or is recorded as not sent."""

import logging
from datetime import datetime

from django.db import Error, IntegrityError, transaction
from django.db.models import CharField, QuerySet, Value

from confbox.kit.clock import database_now
from confbox.kit.email_sending import enqueue_on_commit
from confbox.kit.queries_at_a_time import QueryAtATime
from voting.campaigns.kinds.notices import is_late
from voting.campaigns.models import Campaign
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.timetable.kinds.kind import NoticeKind, Occasion
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice, SwitchedOffNotice
from voting.timetable.tasks import email_person

Outcome = Notice.Outcome
# The others are sent in the next turns, so that nothing else of the worker waits for long.
MOST_PER_TURN = 100
logger = logging.getLogger(__name__)


def send_due_notices() -> None:
    """Runs two queries if nothing is due. It can run at any time, on any host, and several times at once."""
    for conference_id, code in find_due(database_now()):
        try:
            send_notice(conference_id=conference_id, code=code)
        except Error:
            raise
        except Exception:
            # One that cannot be written must not keep back those of other conferences.
            logger.exception("The email %s of conference %s cannot be written.", code, conference_id)


def find_due(now: datetime) -> list[tuple[int, str]]:
    """The conferences and kinds that may be due, of all kinds by one query."""
    return DUE.rows(now)


def _due_of_all_kinds(now: datetime) -> QuerySet[Election, tuple[int, str]]:
    each = [_named(kind, now) for kind in KINDS.values()]
    return each[0].union(*each[1:], all=True)[:MOST_PER_TURN]


def _named(kind: NoticeKind, now: datetime) -> QuerySet[Election, tuple[int, str]]:
    code = Value(kind.code, CharField())
    return kind.due(now).order_by().annotate(code=code).values_list("pk", "code")


DUE = QueryAtATime(_due_of_all_kinds)


def send_notice(*, conference_id: int, code: str) -> list[Notice]:
    """Sends what is due of this kind, unless another worker has. Returns the rows that it stored.

    Row and email are one transaction: after a crash there are both or neither.
    """
    try:
        with transaction.atomic():
            return _send(KINDS[code], lock_election(conference_id))
    except IntegrityError:
        logger.info("Another worker has dealt with %s of conference %s.", code, conference_id)
        return []


def _send(kind: NoticeKind, election: Election) -> list[Notice]:
    """The lock keeps the times as they are, and other workers waiting; the constraint is there besides."""
    due = _due_now(kind, election)
    if not due or not kind.is_for(election):
        return []
    due_at = min(occasion.due_at for occasion in due)
    outcome, reason = outcome_of(kind, election, due_at)
    campaign = None if outcome == Outcome.SKIPPED else release(kind, election, due)
    return Notice.objects.bulk_create(
        Notice(
            conference=election.conference,
            kind=kind.code,
            occasion=occasion.number,
            outcome=outcome,
            reason=reason,
            due_at=occasion.due_at,
            at=election.now,
            campaign=campaign,
        )
        for occasion in due
    )


def release(kind: NoticeKind, election: Election, due: list[Occasion]) -> Campaign | None:
    due_at = min(occasion.due_at for occasion in due)
    for person in kind.people(election):
        enqueue_on_commit(
            email_person,
            conference_id=election.pk,
            code=kind.code,
            person_id=person.pk,
            due_at=due_at.isoformat(),
        )
    return kind.send(election, due)


def _due_now(kind: NoticeKind, election: Election) -> list[Occasion]:
    rows = Notice.objects.filter(conference=election.pk, kind=kind.code)
    told = set(rows.values_list("occasion", flat=True))
    return [o for o in kind.occasions(election) if o.due_at <= election.now and o.number not in told]


def outcome_of(kind: NoticeKind, election: Election, due_at: datetime) -> tuple[Outcome, str]:
    """What becomes of it if it is due since then, and why it is not sent."""
    if is_switched_off(kind, election):
        return Outcome.SKIPPED, Notice.Reason.OFF
    if election.now >= kind.too_late_from(election, due_at):
        return Outcome.SKIPPED, Notice.Reason.LATE
    if reason := kind.unneeded(election, due_at):
        return Outcome.SKIPPED, reason
    outcome = Outcome.REWORDED if is_late(due_at, election.now) else Outcome.SENT
    return outcome, Notice.Reason.NONE


def is_switched_off(kind: NoticeKind, election: Election) -> bool:
    return SwitchedOffNotice.objects.filter(conference=election.pk, kind=kind.code).exists()
