"""What becomes of a decision: the chosen member answers or steps down, or the organisers withdraw it."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change, log_own_act
from accounts.audit_words import NAME
from confbox.kit.outcomes import Change
from conferences.consent.acts import refuse_alone
from voting.elections.decision_rules import refuse_cancelled, refuse_to_revoke
from voting.elections.election.actions import lock_election
from voting.elections.election.two_people import REVOKING
from voting.elections.emails import (
    notify_of_revoked_choice,
    notify_of_withdrawn_choice,
    notify_team_of_answer,
)
from voting.elections.events import emit_answer
from voting.elections.models import Decision

# Called when the chosen member has accepted, in the same transaction: the email to all members.
AFTER_ACCEPTING: list[Callable[[Decision], object]] = []
# The same when the speaker has stepped down or was withdrawn.
AFTER_STEPPING_DOWN: list[Callable[[Decision], object]] = []


def answer_decision(*, decision: Decision, accept: bool, by: Actor, reason: str = "") -> Change:
    """The chosen member accepts, which makes them the speaker and notifies all members; or declines.

    Those of the team who can choose the speaker read the reason for declining, if there is one.

    No change if they had already answered.

    Raises:
        ValidationError: they accept, but the conference is cancelled.
    """
    answer = Decision.Answer.ACCEPTED if accept else Decision.Answer.DECLINED
    with transaction.atomic():
        changed = _change_answer(decision, Decision.Answer.PENDING, answer)
        if changed is Change.MADE:
            act = "accept to speak" if accept else "decline to speak"
            log_own_act(by=by, act=act, target=decision.election)
            _store_reason(decision, "" if accept else reason)
            notify_team_of_answer(decision=decision)
    return changed


def step_down(*, decision: Decision, by: Actor, reason: str = "") -> Change:
    """The speaker withdraws their acceptance, and the organisers decide again.

    Members who were told who would speak are notified. Only the team reads the reason, if there is one.
    """
    with transaction.atomic():
        changed = _change_answer(decision, Decision.Answer.ACCEPTED, Decision.Answer.WITHDRAWN)
        if changed is Change.MADE:
            log_own_act(by=by, act="step down", target=decision.election)
            _store_reason(decision, reason)
            for act in AFTER_STEPPING_DOWN:
                act(decision)
            notify_team_of_answer(decision=decision)
    return changed


def take_back_decision(*, decision: Decision, by: Actor) -> Change:
    """Withdraws a decision that has not been answered, and notifies the chosen member.

    No change if they have answered.
    """
    with transaction.atomic():
        changed = _change_answer(decision, Decision.Answer.PENDING, Decision.Answer.TAKEN_BACK)
        if changed is Change.MADE:
            what = _("Choice of the speaker withdrawn: %(name)s.") % {"name": NAME}
            log_change(by=by, target=decision.election, what=what, about=decision.speaker)
            notify_of_withdrawn_choice(decision=decision)
    return changed


def revoke_decision(*, decision: Decision, reason: str, by: Actor) -> Change:
    """Withdraws the choice of a speaker who has accepted and cannot come, so that another one can be chosen.

    Those who were told who would speak are notified; only that member and the team read the reason.
    No change if it was withdrawn already.

    Raises:
        ValidationError: there is no reason, this is not the speaker any more, the conference is cancelled or
            over, or a second person has to confirm it.
    """
    with transaction.atomic():
        conference = lock_election(decision.election_id).conference
        stored = Decision.objects.get(pk=decision.pk)
        if stored.answer == Decision.Answer.REVOKED:
            return Change.NONE
        refuse_to_revoke(stored, conference, reason)
        refuse_alone(REVOKING, conference, {"decision": decision.pk}, by)
        changed = _change_answer(decision, Decision.Answer.ACCEPTED, Decision.Answer.REVOKED)
        _store_reason(decision, reason)
        what = _("Speaker who had accepted withdrawn: %(name)s.") % {"name": NAME}
        log_change(
            by=by,
            target=decision.election,
            what=what,
            about=decision.speaker,
            reason=reason.strip(),
            is_personal=True,
        )
        for act in AFTER_STEPPING_DOWN:
            act(decision)
        notify_of_revoked_choice(decision=decision)
        notify_team_of_answer(decision=decision)
    return changed


def _store_reason(decision: Decision, reason: str) -> None:
    if reason.strip():
        Decision.objects.filter(pk=decision.pk).update(decline_reason=reason.strip())
    decision.refresh_from_db()


def _change_answer(decision: Decision, old: Decision.Answer, new: Decision.Answer) -> Change:
    with transaction.atomic():
        election = lock_election(decision.election_id)
        if new == Decision.Answer.ACCEPTED:
            refuse_cancelled(election.conference)
        changed = Change.of(
            Decision.objects.filter(pk=decision.pk, answer=old).update(answer=new, answered_at=election.now)
        )
        if changed is Change.NONE:
            return changed
        emit_answer(election, decision, new)
        accepted = new == Decision.Answer.ACCEPTED
        election.speaker = decision.speaker if accepted else None
        election.decided_at = election.decided_at if accepted else None
        election.save(update_fields=["speaker", "decided_at", "updated_at"])
        if accepted:
            for act in AFTER_ACCEPTING:
                act(decision)
    return changed
