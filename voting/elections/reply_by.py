"""Until when a chosen member is asked to answer."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change
from accounts.audit_words import NAME
from confbox.kit.outcomes import Change
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.elections.emails import notify_of_reply_by
from voting.elections.models import Decision

DEFAULT = timedelta(days=7)
SHORTEST = timedelta(hours=1)


def default_reply_by(conference: Conference) -> datetime | None:
    """A week from now, but not after the conference starts; None once that is too soon."""
    latest = conference.starts_at
    if latest <= conference.now + SHORTEST:
        return None
    return min(conference.now + DEFAULT, latest).replace(second=0, microsecond=0)


def refusal_of_reply_by(conference: Conference, reply_by: datetime) -> str:
    if reply_by > conference.starts_at:
        starts = in_zone(conference, conference.starts_at)
        return _("Please choose a time before the conference starts, on %(time)s.") % {"time": starts}
    if reply_by < conference.now + SHORTEST:
        return _("Please leave at least an hour for the answer.")
    return ""


def reply_by_of(conference: Conference, wish: datetime | None) -> datetime | None:
    """Raises ValidationError if this time is too soon or too late; without a wish, the default."""
    if wish and (refusal := refusal_of_reply_by(conference, wish)):
        raise ValidationError(refusal, code="time_refused")
    return wish or default_reply_by(conference)


def move_reply_by(*, decision: Decision, reply_by: datetime, by: Actor) -> Change:
    """Asks for the answer by another time, and emails it to the chosen member.

    No change if it is this time already, or if the member has answered.

    Raises:
        ValidationError: it is too soon, or after the conference starts.
    """
    with transaction.atomic():
        election = lock_election(decision.election_id)
        if refusal := refusal_of_reply_by(election.conference, reply_by):
            raise ValidationError(refusal, code="time_refused")
        pending = Decision.objects.filter(pk=decision.pk, answer=Decision.Answer.PENDING)
        moved = pending.exclude(reply_by=reply_by)
        if not moved.update(reply_by=reply_by, reply_by_set_at=election.now):
            return Change.NONE
        stored = Decision.objects.select_related("speaker__user").get(pk=decision.pk)
        stored.election = election
        what = _("Answer of the chosen member (%(name)s) requested by %(time)s.")
        times = {"name": NAME, "time": in_zone(election.conference, reply_by)}
        log_change(by=by, target=election, what=what % times, about=stored.speaker)
        notify_of_reply_by(decision=stored)
    return Change.MADE
