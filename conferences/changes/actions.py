"""What organisers do to a conference that people have joined. Each act needs a reason, which members read."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change
from conferences.actions import BEFORE_DEACTIVATING, lock_conference
from conferences.changes.dates import dates_of
from conferences.changes.rules import (
    CANCELLING,
    REINSTATING,
    refusals_of_move,
    was_taken_off,
    why_not_to_cancel,
    why_not_to_move,
    why_not_to_reinstate,
    why_not_to_unpublish,
)
from conferences.consent.acts import refuse_alone
from conferences.models import Conference, ConferenceChange
from conferences.outbox.events import emit_change
from conferences.versions import refuse_old_page, version_shown

Act = ConferenceChange.Act
# Called inside the transaction: what other apps lock before a conference changes; what they do when it takes
# place after all, with the time since when it was cancelled; and the notice to members.
BEFORE_CHANGING: list[Callable[[Conference], object]] = []
AFTER_REINSTATING: list[Callable[[ConferenceChange, datetime], object]] = []
AFTER_CHANGING: list[Callable[[ConferenceChange], object]] = []


def cancel_conference(*, conference: Conference, reason: str, by: Actor, seen: str = "") -> ConferenceChange:
    """Cancels it: no one can join or vote any more, and all members are notified.

    Votes are kept, because it may take place after all. The same request again changes nothing. `seen` is
    the version of the conference that was shown, here and below.

    Raises:
        ValidationError: there is no reason, or it is not published, over or already cancelled, it has changed
            since it was shown, or a second person has to confirm it.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        if locked.is_cancelled and (done := _done_before(locked, Act.CANCELLED, reason, by)):
            return done
        _refuse(reason, why_not_to_cancel(locked))
        for act in BEFORE_CHANGING:
            act(locked)
        refuse_old_page(version_shown(locked), seen)
        refuse_alone(CANCELLING, locked, {}, by)
        # Only now: votes in flight have been stored, and all of them before this time.
        now = database_now()
        _set_status(locked, Conference.Status.CANCELLED, stopped_at=now, reason=reason.strip())
        return _record(locked, Act.CANCELLED, reason, by, now)


def reinstate_conference(
    *, conference: Conference, reason: str, by: Actor, seen: str = ""
) -> ConferenceChange:
    """A cancelled conference takes place after all. The same request again changes nothing.

    Raises:
        ValidationError: there is no reason, or it is not cancelled, was to start before now, has changed
            since it was shown, or a second person has to confirm it, as its vote goes on.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        if not locked.is_cancelled and (done := _done_before(locked, Act.REINSTATED, reason, by)):
            return done
        _refuse(reason, why_not_to_reinstate(locked))
        refuse_old_page(version_shown(locked), seen)
        stopped_at = locked.stopped_at
        assert stopped_at
        refuse_alone(REINSTATING, locked, {}, by)
        # The page of the conference shows the reason.
        _set_status(locked, Conference.Status.ACTIVE, stopped_at=None, reason=reason.strip())
        return _record(locked, Act.REINSTATED, reason, by, locked.now, stopped_at=stopped_at)


def move_conference(
    *,
    conference: Conference,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    reason: str,
    by: Actor,
    time_zone: str = "",
    seen: str = "",
) -> ConferenceChange:
    """It takes place at another time or place; its vote keeps its times.

    Without `time_zone`, it stays in its own. The same request again changes nothing.

    Raises:
        ValidationError: there is no reason, it is not published or is over, it has changed since it was
            shown, or these are its dates, by the names of the fields where the dates are refused.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        shown = version_shown(locked)
        before, started_at, refusal = dates_of(locked), locked.starts_at, why_not_to_move(locked)
        locked.starts_at, locked.ends_at, locked.place = starts_at, ends_at, place
        locked.time_zone = time_zone or locked.time_zone
        done = _done_before(locked, Act.MOVED, reason, by)
        if done and done.after == before == dates_of(locked):
            return done
        for act in BEFORE_CHANGING:
            act(locked)
        _refuse(reason, refusal)
        refuse_old_page(shown, seen)
        if refusals := refusals_of_move(locked, before):
            raise ValidationError(refusals)
        return record_move(locked, before=before, started_at=started_at, reason=reason, by=by)


def record_move(
    conference: Conference, *, before: dict[str, str], started_at: datetime, reason: str, by: Actor
) -> ConferenceChange:
    """Stores the new dates of this locked conference, and notifies its members of them."""
    if conference.starts_at != started_at or not conference.previous_starts_at:
        # Also if only the place changed: pages ask for a move only of those that have it.
        conference.previous_starts_at = started_at
    conference.updated_at = timezone.now()
    # That it takes place after all is no longer the news.
    conference.stop_reason = ""
    columns = [
        "starts_at",
        "ends_at",
        "time_zone",
        "place",
        "previous_starts_at",
        "updated_at",
        "stop_reason",
    ]
    conference.save(update_fields=columns)
    return _record(conference, Act.MOVED, reason, by, database_now(), before=before)


def unpublish_conference(
    *, conference: Conference, reason: str, by: Actor, seen: str = ""
) -> ConferenceChange:
    """Takes it off the site: only its members still see its page. The same request again changes nothing.

    Raises:
        ValidationError: there is no reason, it is not published or is cancelled, its vote is open, or it has
            changed since it was shown.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        is_off = locked.status == Conference.Status.INACTIVE
        if is_off and (done := _done_before(locked, Act.UNPUBLISHED, reason, by)):
            return done
        _refuse(reason, why_not_to_unpublish(locked))
        for check in BEFORE_DEACTIVATING:
            check(locked)
        refuse_old_page(version_shown(locked), seen)
        now = database_now()
        _set_status(locked, Conference.Status.INACTIVE, stopped_at=now, reason=reason.strip())
        return _record(locked, Act.UNPUBLISHED, reason, by, now)


def notify_of_publishing_again(*, conference: Conference, by: Actor) -> Change:
    """Members who were notified that it was taken off the site are notified that it is back."""
    if not was_taken_off(conference) or not by.person:
        return Change.NONE
    change = ConferenceChange.objects.create(
        conference=conference, act=Act.REPUBLISHED, by=by.first, at=database_now()
    )
    _notify(change)
    return Change.MADE


def _done_before(conference: Conference, act: str, reason: str, by: Actor) -> ConferenceChange | None:
    """The last change, if it is the one that is requested: a form that was sent twice."""
    last = ConferenceChange.objects.filter(conference=conference).order_by("pk").last()
    is_same = last and last.act == act and last.reason == reason.strip() and last.by_id == by.first.pk
    return last if is_same else None


def _refuse(reason: str, refusal: str) -> None:
    if refusal:
        raise coded_error(refusal, code="wrong_state")
    if not reason.strip():
        raise ValidationError(_("Please give a reason. All members will read it."), code="reason_missing")


def _set_status(
    conference: Conference, status: Conference.Status, *, stopped_at: datetime | None, reason: str
) -> None:
    conference.status, conference.stopped_at, conference.stop_reason = status, stopped_at, reason
    conference.updated_at = timezone.now()
    conference.save(update_fields=["status", "stopped_at", "stop_reason", "updated_at"])


def _record(  # called here alone
    conference: Conference,
    act: ConferenceChange.Act,
    reason: str,
    by: Actor,
    at: datetime,
    *,
    stopped_at: datetime | None = None,
    before: dict[str, str] | None = None,
) -> ConferenceChange:
    change = ConferenceChange.objects.create(
        conference=conference,
        act=act,
        reason=reason.strip(),
        before=before or {},
        after=dates_of(conference) if before else {},
        by=by.first,
        at=at,
    )
    log_act(by=by, act=VERBS[act], target=conference, reason=change.reason)
    log_in_django(by=by, rows=[conference], what=f"{change.get_act_display()}.")
    if stopped_at:
        for resume in AFTER_REINSTATING:
            resume(change, stopped_at)
    emit_change(conference, act.value)
    _notify(change)
    return change


def _notify(change: ConferenceChange) -> None:
    for notify in AFTER_CHANGING:
        notify(change)


# As the audit log names them.
VERBS = {
    Act.CANCELLED: "cancel",
    Act.REINSTATED: "reinstate",
    Act.MOVED: "move",
    Act.UNPUBLISHED: "unpublish",
}
