"""Asking to be let in, and the organisers' answer. Each verb is whole."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change, log_own_act
from accounts.audit_words import NAME
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
from conferences.actions import join_conference
from conferences.admission.requests import own_request, refusal_to_ask
from conferences.joining.emails import notify_of_answer
from conferences.models import Conference, JoinRequest

Answer = JoinRequest.Answer


@retried
def request_to_join(*, conference: Conference, sentence: str, by: Actor) -> JoinRequest:
    """Asks the organisers to let this person in. A request that waits already is returned as it is.

    Raises:
        ValidationError: the conference does not take requests, the person has joined or could, or the
            organisers have declined twice.
    """
    try:
        with transaction.atomic():
            return _request_to_join(conference, sentence, by)
    except IntegrityError:
        # The same person asked at the same time.
        return JoinRequest.objects.filter(conference=conference, user=by.user).latest("pk")


def _request_to_join(conference: Conference, sentence: str, by: Actor) -> JoinRequest:
    last = own_request(conference=conference, user=by.user).last
    if last and last.is_waiting:
        return last
    if refusal := refusal_to_ask(conference=conference, user=by.user):
        raise coded_error(refusal, code="requests_not_accepted")
    if not sentence.strip():
        raise ValidationError(
            {
                "sentence": coded_error(
                    _("Please write a sentence, so that the organisers know who you are."), code="required"
                )
            }
        )
    asked = JoinRequest(conference=conference, user=by.user, sentence=sentence.strip())
    asked.full_clean(exclude=["waiting_user"])
    asked.save()
    log_own_act(by=by, act="ask to join", target=conference)
    return asked


@retried
def answer_request(*, asked: JoinRequest, answer: str, reason: str, by: Actor) -> Change:
    """Lets the person in, who then is a member, or declines. The same answer again changes nothing.

    Raises:
        ValidationError: it was declined without a reason, another organiser has answered, or the person
            cannot join any more.
    """
    reason = reason.strip()
    with transaction.atomic():
        locked = JoinRequest.objects.select_for_update().get(pk=asked.pk)
        if (locked.answer, locked.reason) == (answer, reason):
            return Change.NONE
        _refuse_answer(locked, answer, reason)
        locked.answer, locked.reason = answer, reason
        locked.answered_at, locked.answered_by = database_now(), by.person
        locked.full_clean(exclude=["waiting_user"])
        locked.save(update_fields=["answer", "reason", "answered_at", "answered_by"])
        if answer == Answer.ACCEPTED:
            join_conference(conference=locked.conference, by=Actor(locked.user, channel=by.channel))
        _log(locked, by)
        notify_of_answer(locked)
    asked.refresh_from_db()
    return Change.MADE


def _refuse_answer(asked: JoinRequest, answer: str, reason: str) -> None:
    if not asked.is_waiting:
        raise ValidationError(
            _("This request has already been answered, so nothing was changed."), code="already_ended"
        )
    if answer not in (Answer.ACCEPTED, Answer.DECLINED):
        raise ValidationError(_("Please let the person in or decline."), code="answer_missing")
    if answer == Answer.DECLINED and not reason:
        raise ValidationError(
            {"reason": coded_error(_("Please give a reason. The person gets it by email."), code="required")}
        )
    if answer == Answer.ACCEPTED and not asked.user.is_active:
        raise ValidationError(
            _("This account is disabled, so the person cannot join."), code="account_disabled"
        )


def _log(asked: JoinRequest, by: Actor) -> None:
    """The person is found by the request: the log outlives the account."""
    said = {
        Answer.ACCEPTED: _("Request to join accepted: %(name)s."),
        Answer.DECLINED: _("Request to join declined: %(name)s."),
    }[Answer(asked.answer)]
    log_change(
        by=by,
        target=asked.conference,
        what=said % {"name": NAME},
        about=asked,
        reason=asked.reason,
        is_personal=True,
    )
