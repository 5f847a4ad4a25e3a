"""If the rules of a vote require it, a second organiser confirms every change of its window."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_change
from conferences.local_times import in_zone
from conferences.models import Conference
from conferences.teams.organisers import organisers_of
from voting.elections.election.actions import lock_election
from voting.elections.emails import ask_for_consent
from voting.elections.models import WindowChange, WindowRequest
from voting.elections.window import close_early, move_deadline, refuse_act, refuse_new_deadline, refuse_stale

State = WindowRequest.State
MAY_CONSENT = ("voting.view_election", "conferences.change_conference")


def request_change(
    *,
    conference: Conference,
    closes_at: datetime | None,
    reason: str,
    by: Actor,
    seen: datetime | None = None,
) -> WindowRequest:
    """Asks the other organisers to confirm a new deadline or, if it is None, closing voting now.

    The same request again changes nothing.

    Raises:
        ValidationError: there is no reason, voting is not open, the deadline has changed since it was read
            or would be too late, another request is open, or there is no second organiser.
    """
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        asked = WindowRequest(
            election=locked.election, closes_at=closes_at, reason=reason.strip(), requested_by=by.user
        )
        if closes_at and closes_at <= locked.now:
            asked.closes_at = None
        if earlier := _asked_before(asked, locked):
            return earlier
        _refuse_request(asked, locked, seen)
        others = organisers_of(locked, *MAY_CONSENT, but=by.user)
        if not others:
            raise ValidationError(_("There is no second organiser to confirm this."))
        assert locked.election.closes_at
        asked.seen, asked.requested_at = locked.election.closes_at, locked.now
        asked.save()
        _log("ask to move deadline" if asked.closes_at else "ask to close voting", asked, by)
        what = _("Change to the voting times requested.")
        log_change(by=by, target=locked.election, what=what)
        ask_for_consent(request=asked, organisers=others, url=_url_of(asked))
    return asked


def confirm_request(*, request: WindowRequest, by: Actor) -> WindowChange:
    """Carries out the request, with this organiser as the second. Repeating changes nothing.

    Raises:
        ValidationError: it is this organiser's own or no longer open, or voting has changed since.
    """
    with transaction.atomic():
        locked = lock_election(request.election_id).conference
        current = WindowRequest.objects.select_related("requested_by", "change").get(pk=request.pk)
        if current.requested_by_id == by.user.pk:
            raise ValidationError(_("You requested this yourself. Another organiser has to confirm it."))
        if current.state == State.CONFIRMED and current.change:
            return current.change
        _refuse_answered(current, locked)
        change = _do(current, locked, by)
        WindowRequest.objects.filter(pk=current.pk).update(
            state=State.CONFIRMED, answered_by=by.user, change=change
        )
    return change


def cancel_request(*, request: WindowRequest, by: Actor) -> WindowRequest.State:
    """Withdraws one's own request or declines another's. Doing so again changes nothing.

    Raises:
        ValidationError: it was confirmed or has expired.
    """
    with transaction.atomic():
        locked = lock_election(request.election_id).conference
        current = WindowRequest.objects.select_related("requested_by").get(pk=request.pk)
        state = State.WITHDRAWN if current.requested_by_id == by.user.pk else State.DECLINED
        if current.state in (State.WITHDRAWN, State.DECLINED):
            return State(current.state)
        _refuse_answered(current, locked)
        WindowRequest.objects.filter(pk=current.pk).update(state=state, answered_by=by.user)
        verb = "withdraw request" if state == State.WITHDRAWN else "decline request"
        _log(verb, current, by)
    return state


def waiting_request(conference: Conference) -> WindowRequest | None:
    """The request to be confirmed by a second organiser, unless it has expired."""
    if not conference.election.window_needs_consent:
        return None
    waiting = WindowRequest.objects.filter(election=conference.pk, state=State.WAITING)
    found = waiting.select_related("requested_by").first()
    return found if found and not found.has_expired(conference.now) else None


def _asked_before(asked: WindowRequest, conference: Conference) -> WindowRequest | None:
    """The last request, if it is the same and was not withdrawn: a form that was sent twice."""
    last = WindowRequest.objects.filter(election=conference.election).order_by("pk").last()
    if last is None or last.state not in (State.WAITING, State.CONFIRMED):
        return None
    if last.state == State.WAITING and last.has_expired(conference.now):
        return None
    same = ("closes_at", "reason", "requested_by_id")
    return last if all(getattr(last, name) == getattr(asked, name) for name in same) else None


def _refuse_request(asked: WindowRequest, conference: Conference, seen: datetime | None) -> None:
    refuse_act(conference, asked.reason)
    refuse_stale(conference, seen)
    if asked.closes_at:
        refuse_new_deadline(conference, asked.closes_at)
    if waiting := waiting_request(conference):
        raise ValidationError(
            _("%(name)s has already requested another change. Confirm, decline or withdraw that one first.")
            % {"name": waiting.requested_by}
        )
    WindowRequest.objects.filter(election=conference.election, state=State.WAITING).update(
        state=State.EXPIRED
    )


def _refuse_answered(request: WindowRequest, conference: Conference) -> None:
    if request.state != State.WAITING:
        raise ValidationError(
            _("This request is no longer open: %(state)s.") % {"state": request.get_state_display()}
        )
    if request.has_expired(conference.now):
        raise ValidationError(_("This request has expired, because its deadline has passed."))


def _do(request: WindowRequest, conference: Conference, by: Actor) -> WindowChange:
    asked_by, reason = request.requested_by, request.reason
    if request.closes_at is None:
        return close_early(conference=conference, reason=reason, by=by, asked_by=asked_by)
    return move_deadline(
        conference=conference,
        closes_at=request.closes_at,
        seen=request.seen,
        reason=reason,
        by=by,
        asked_by=asked_by,
    )


def _log(act: str, request: WindowRequest, by: Actor) -> None:
    conference = request.election.conference
    times = in_zone(conference, request.seen)
    if request.closes_at:
        times = f"{times} → {in_zone(conference, request.closes_at)}"
    log_act(by=by, act=act, target=conference, reason=f"{times}: {request.reason}")


def _url_of(request: WindowRequest) -> str:
    path = reverse("admin:voting_election_window_request", args=[request.election_id, request.pk])
    return f"{settings.SITE_URL.rstrip('/')}{path}"
