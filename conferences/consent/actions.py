"""Asking a second person, and answering. Each verb is whole: lock, ask the rule, write, audit log, emails.

The request is locked before the conference and the election: nothing that has those locks waits for one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from confbox.kit.clock import database_now
from confbox.kit.limits import Limit, count_use_for
from confbox.kit.seen import refuse_outdated, version_of
from conferences.consent.acts import ACTS, ConsentAct, ConsentNeeded, expiry_of
from conferences.consent.emails import ask_second_person, notify_of_answer
from conferences.consent.steps import lapse_request, log_step
from conferences.models import Conference, ConsentRequest
from conferences.teams.organisers import organisers_of
from conferences.teams.rules import stored_actor

State = ConsentRequest.State
Result = TypeVar("Result")
# Each request sends emails to the others, and can be withdrawn and repeated.
REQUESTS = Limit("requests to a second person", person="60/h")


def do_or_ask(verb: Callable[[], Result], *, reason: str, by: Actor) -> Result | ConsentRequest:
    """Calls the verb; where a second person has to confirm it, asks for that instead.

    Raises:
        ValidationError: the verb is refused, or no one can be asked.
    """
    try:
        return verb()
    except ConsentNeeded as needed:
        return request_consent(needed=needed, reason=reason, by=by)


def request_consent(*, needed: ConsentNeeded, reason: str, by: Actor) -> ConsentRequest:
    """Asks those who may confirm the act. The same request again is the one that waits.

    Raises:
        ValidationError: a request about the same thing waits, no second person could confirm it, or this
            person has asked too often.
    """
    act, conference = needed.act, needed.conference
    asked = _new_request(act, conference, act.cleaned(needed.payload), reason.strip(), by)
    same = ConsentRequest.objects.filter(conference=conference, act=act.name, subject=asked.subject)
    if not same.unended().exists():
        # Before the transaction, which would make others wait for the count.
        count_use_for(REQUESTS, person=str(by.user.pk))
    with transaction.atomic():
        for overdue in same.overdue():
            lapse_request(overdue)
        if waiting := same.unended().first():
            return _same_or_refused(waiting, asked)
        others = organisers_of(conference, *act.permissions, but=[by.user, asked.concerns])
        if not others:
            raise ValidationError(
                _("There is no second person who could confirm this. An owner can invite one to the team."),
                code="no_second_person",
            )
        try:
            with transaction.atomic():
                asked.save()
        except IntegrityError:
            return _same_or_refused(same.order_by("-pk")[0], asked)
        log_step("ask for consent", asked, by, asked.reason if act.has_public_reason else "")
        act.begin(asked, by)
        ask_second_person(request=asked, people=others)
    return asked


def _new_request(
    act: ConsentAct, conference: Conference, payload: dict[str, object], reason: str, by: Actor
) -> ConsentRequest:
    now = database_now()
    return ConsentRequest(
        conference=conference,
        act=act.name,
        payload=payload,
        subject=act.subject(payload),
        reason=reason,
        concerns=act.concerns(conference, payload),
        asked_by=by.user,
        asked_at=now,
        expires_at=expiry_of(act, conference, payload, now=now),
    )


def _same_or_refused(waiting: ConsentRequest, asked: ConsentRequest) -> ConsentRequest:
    act, names = ACTS[asked.act], ("reason", "asked_by_id")
    is_same = act.asks(waiting.payload) == act.asks(asked.payload)
    if is_same and all(getattr(waiting, name) == getattr(asked, name) for name in names):
        return waiting
    raise ValidationError(
        _("%(name)s has already requested a change that waits. Confirm, decline or withdraw that one first.")
        % {"name": waiting.asked_by},
        code="request_waiting",
    )


def confirm_request(*, asked: ConsentRequest, by: Actor, seen: str = "") -> ConsentRequest:
    """Does what was asked, with this person as the second. Repeating changes nothing.

    Where the rules no longer allow the act, nothing of it is done, and the request has ended as refused.
    `seen` is the version of what this person has read.

    Raises:
        ValidationError: it is this person's own or about them, they may not confirm it, it is no longer
            open, or what they have read has changed.
    """
    with transaction.atomic():
        current = _locked(asked)
        if current.asked_by_id == by.user.pk:
            raise ValidationError(
                _("You requested this yourself. A second person has to confirm it."),
                code="another_person_needed",
            )
        _refuse_person(current, by)
        now = database_now()
        if current.state(now) in (State.CONFIRMED, State.REFUSED):
            return current
        _refuse_ended(current, now)
        _refuse_other_grounds(current, seen)
        current.answered_by = by.user
        current.refusal = _perform(current, by)
        column = "refused_at" if current.refusal else "confirmed_at"
        setattr(current, column, now)
        current.save(update_fields=[column, "refusal", "answered_by"])
        both = replace(by, asked_by=current.asked_by)
        log_step("confirm request", current, both, current.refusal)
        if current.refusal:
            ACTS[current.act].end(current, both)
        notify_of_answer(request=current, state=current.state(now))
    return current


def _refuse_other_grounds(asked: ConsentRequest, seen: str) -> None:
    """Raises Outdated if they have changed. Those that are locked here stay until the act is done."""
    act, found = ACTS[asked.act], Conference.objects.as_of_now().filter(pk=asked.conference_id)
    act.lock(found.get(), asked.payload)
    said = _(
        "What this request is about has changed since you opened this page, so nothing was done. Please read "
        "it again before you confirm it."
    )
    refuse_outdated(seen, version_of(act.grounds(found.get(), asked.payload)), said)


def _perform(asked: ConsentRequest, by: Actor) -> str:
    """Why it was refused; empty if it was done."""
    act, conference = ACTS[asked.act], Conference.objects.as_of_now().get(pk=asked.conference_id)
    second = replace(by, asked_by=asked.asked_by)
    try:
        with transaction.atomic():
            payload = act.cleaned(asked.payload)
            act.perform(conference=conference, payload=payload, reason=asked.reason, by=second)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


def cancel_request(*, asked: ConsentRequest, by: Actor, reason: str = "") -> State:
    """Withdraws one's own request or declines another's. Doing so again changes nothing.

    Who asked reads the reason for declining, if there is one.

    Raises:
        ValidationError: it was confirmed or has expired, or this person may not answer it.
    """
    with transaction.atomic():
        current = _locked(asked)
        is_own, now = current.asked_by_id == by.user.pk, database_now()
        if not is_own:
            _refuse_person(current, by)
        before = current.state(now)
        if before in (State.WITHDRAWN, State.DECLINED):
            return before
        _refuse_ended(current, now)
        column = "withdrawn_at" if is_own else "declined_at"
        setattr(current, column, now)
        current.answered_by = by.user
        current.decline_reason = "" if is_own else reason.strip()
        current.save(update_fields=[column, "answered_by", "decline_reason"])
        state = current.state(now)
        who = by if is_own else replace(by, asked_by=current.asked_by)
        log_step("withdraw request" if is_own else "decline request", current, who)
        ACTS[current.act].end(current, who)
        if not is_own:
            notify_of_answer(request=current, state=state)
    return state


def _refuse_person(asked: ConsentRequest, by: Actor) -> None:
    """Raises ValidationError unless they may confirm it now."""
    needed, refusal = ACTS[asked.act].permissions, _("You may not answer this request.")
    stored_actor(by.user, *needed, scope=asked.conference, refusal=refusal)
    if asked.concerns_id == by.user.pk:
        raise ValidationError(
            _("This request is about you, so another person has to answer it."), code="another_person_needed"
        )


def _locked(asked: ConsentRequest) -> ConsentRequest:
    return ConsentRequest.objects.select_for_update().get(pk=asked.pk)


def _refuse_ended(asked: ConsentRequest, now: datetime) -> None:
    state = asked.state(now)
    if state == State.LAPSED:
        raise ValidationError(_("This request has expired. Please ask again."), code="already_ended")
    if state != State.WAITING:
        raise ValidationError(
            _("This request is no longer open: %(state)s.") % {"state": state.label}, code="already_ended"
        )
