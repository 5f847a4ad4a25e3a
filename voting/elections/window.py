"""The window of an open vote is fixed: changing it is an act of its own, with a reason and a notice."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from accounts.models import User
from confbox.kit.coded import coded, coded_error
from confbox.kit.outcomes import Change
from conferences.changes.corrections import correct
from conferences.consent.acts import refuse_alone
from conferences.date_rules import refusals_of_dates
from conferences.local_times import in_zone
from conferences.models import Conference
from conferences.outbox.events import emit_change
from conferences.versions import refuse_old_page, version_shown
from voting.elections.actions import close_voting
from voting.elections.election.actions import lock_election
from voting.elections.election.models import VotingState
from voting.elections.election.two_people import WINDOW
from voting.elections.models import WindowChange
from voting.elections.receipts.models import PublishedBallots

Act = WindowChange.Act
# Called after each change, in the same transaction: the notice to all members.
AFTER_CHANGING: list[Callable[[WindowChange], object]] = []


def move_deadline(
    *,
    conference: Conference,
    closes_at: datetime,
    reason: str,
    by: Actor,
    seen: datetime | None = None,
) -> WindowChange:
    """Moves the deadline of an open vote. All members are notified.

    `seen` is the deadline that the organiser read before confirming. The same request again changes nothing.

    Raises:
        ValidationError: there is no reason, voting is not open, the deadline has changed since it was
            read, the new one is the same, has passed or is too late, or a second person has to confirm it.
    """
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        before = locked.election.closes_at
        if done := _done_before(locked, by.first, reason, closes_at):
            return done
        _refuse_act(locked, reason)
        _refuse_stale(locked, seen)
        if refusal := refusal_of_deadline(locked, closes_at):
            raise ValidationError(refusal, code="time_refused")
        _refuse_alone(locked, closes_at, by)
        locked.election.closes_at = closes_at
        locked.election.save(update_fields=["closes_at", "updated_at"])
        return _record(locked, Act.MOVED, before, closes_at, reason, by)


def close_early(*, conference: Conference, reason: str, by: Actor, seen: str = "") -> WindowChange:
    """Closes an open vote now, permanently, and publishes its ballots. All members are notified.

    The same request again changes nothing. `seen` is the version of the conference that was shown.

    Raises:
        ValidationError: there is no reason, voting is not open, the conference has changed since it was
            shown, or a second person has to confirm it.
    """
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        if done := _done_before(locked, by.first, reason, None):
            return done
        _refuse_act(locked, reason)
        refuse_old_page(version_shown(locked), seen)
        _refuse_alone(locked, None, by)
        return _close(locked, reason, by)


def correct_reason_of_window(*, change: WindowChange, reason: str, by: Actor, before: str = "") -> Change:
    """Changes why the window was changed, as members read it; no one gets a second email.

    The audit log keeps both reasons. `before` is the one that the person has read.

    Raises:
        ValidationError: there is no reason, or it was corrected since it was read.
    """
    with transaction.atomic():
        conference = lock_election(change.election_id).conference
        stored = WindowChange.objects.get(pk=change.pk)
        return correct(stored, reason=reason, before=before, by=by, conference=conference)


def changes_of_window(conference: Conference) -> list[WindowChange]:
    """Changes of the window since voting opened, newest first. Runs no query if there are none."""
    if not conference.election.window_changed_at:
        return []
    changes = WindowChange.objects.filter(election=conference.pk).select_related("by", "agreed_by")
    return list(changes.order_by("-pk"))


def refusal_of_deadline(conference: Conference, closes_at: datetime) -> str:
    """Why the vote cannot close then instead; empty if it can."""
    if closes_at == conference.election.closes_at:
        return _("This is already the deadline, so nothing was changed.")
    if closes_at <= conference.now:
        return _(
            "This time has passed. Please choose a later one. To end voting immediately, use “Close voting "
            "now”."
        )
    refusals = refusals_of_dates(
        starts_at=conference.starts_at,
        ends_at=conference.ends_at,
        closes_at=closes_at,
        now=conference.now,
        zone=conference.zone,
    )
    return refusals.get("voting_closes_at", "")


def _done_before(
    conference: Conference, by: User, reason: str, closes_at: datetime | None
) -> WindowChange | None:
    """The last change, if it is the one that is requested: a form that was sent twice."""
    last = WindowChange.objects.filter(election=conference.election).order_by("pk").last()
    if last is None or last.by_id != by.pk or last.reason != reason.strip():
        return None
    is_same = last.act == Act.CLOSED if closes_at is None else last.closes_at == closes_at
    return last if is_same else None


def _refuse_act(conference: Conference, reason: str) -> None:
    """Raises ValidationError unless there is a reason and the vote of this locked conference is open."""
    if not reason.strip():
        raise ValidationError(_("Please give a reason. All members will read it."), code="reason_missing")
    is_published = PublishedBallots.objects.filter(election=conference.election).exists()
    if not conference.election.is_open() or is_published:
        raise coded_error(_refusal_of_state(conference), code="voting_not_open")


def _refuse_alone(conference: Conference, closes_at: datetime | None, by: Actor) -> None:
    refuse_alone(WINDOW, conference, as_payload(conference, closes_at), by)


def as_payload(conference: Conference, closes_at: datetime | None) -> dict[str, str | None]:
    """What a second person is asked to confirm: another deadline, or None to close now."""
    assert conference.election.closes_at
    seen = conference.election.closes_at.isoformat()
    return {"seen": seen, "closes_at": closes_at.isoformat() if closes_at else None}


def _refuse_stale(conference: Conference, seen: datetime | None) -> None:
    if seen and seen != conference.election.closes_at:
        raise ValidationError(
            _(
                "The deadline has changed since you opened this page: it is now %(time)s. Please "
                "check it again."
            )
            % {"time": in_zone(conference, conference.election.closes_at)},
            code="outdated",
        )


def _refusal_of_state(conference: Conference) -> str:
    state = conference.election.state()
    if state in (VotingState.UNSCHEDULED, VotingState.SCHEDULED):
        return coded(
            "voting_not_open", _("Voting has not opened yet. Change its times on the form of the conference.")
        )
    if state == VotingState.OPEN and conference.status != Conference.Status.ACTIVE:
        return coded(
            "voting_not_open", _("This conference is not active, so there is no vote. Publish it first.")
        )
    return coded(
        "count_final", _("Voting is over and the count is final, so its times can no longer be changed.")
    )


def _close(conference: Conference, reason: str, by: Actor) -> WindowChange:
    before = conference.election.closes_at
    close_voting(conference=conference)
    return _record(conference, Act.CLOSED, before, conference.election.closes_at, reason, by)


def _record(  # noqa: PLR0917  # called here alone
    conference: Conference,
    act: WindowChange.Act,
    before: datetime | None,
    after: datetime | None,
    reason: str,
    by: Actor,
) -> WindowChange:
    assert before
    assert after
    change = WindowChange.objects.create(
        election=conference.election,
        act=act,
        closed_before=before,
        closes_at=after,
        reason=reason.strip(),
        by=by.first,
        agreed_by=by.second,
        at=conference.now,
    )
    conference.election.window_changed_at = conference.now
    conference.election.save(update_fields=["window_changed_at", "updated_at"])
    _log(conference, change, by)
    emit_change(conference, "voting_times")
    for notify in AFTER_CHANGING:
        notify(change)
    return change


def _log(conference: Conference, change: WindowChange, by: Actor) -> None:
    verb, what = "close voting", _("Voting closed early: on %(new)s instead of %(old)s.")
    if change.act == Act.MOVED:
        verb, what = "move deadline", _("Deadline moved from %(old)s to %(new)s.")
    times = {"old": in_zone(conference, change.closed_before), "new": in_zone(conference, change.closes_at)}
    log_act(by=by, act=verb, target=conference, what=what % times, reason=change.reason)
    log_in_django(by=by, rows=[conference.election], what=what % times)
