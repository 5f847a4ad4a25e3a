from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change, log_own_act
from accounts.audit_words import NAME
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.counters import count
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried, sent_again_if_lost
from confbox.kit.seen import refuse_outdated
from conferences.actions import end_membership
from conferences.consent.acts import refuse_alone
from conferences.models import Conference, Membership
from conferences.outbox.events import emit
from voting.elections.answers import answer_decision, step_down
from voting.elections.decision_rules import refuse_choice, refuse_to_decide_now, version_of_choice
from voting.elections.election.actions import lock_election
from voting.elections.election.models import VotingState
from voting.elections.election.two_people import DECISION
from voting.elections.eligibility import candidate_refusal, first_unmet, refusal_now
from voting.elections.emails import notify_chosen_member
from voting.elections.events import DECISION_MADE
from voting.elections.models import Decision, Vote
from voting.elections.receipts.actions import publish_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.elections.reply_by import reply_by_of
from voting.elections.roll.actions import ensure_frozen
from voting.elections.statements import Cast, execute_cast_vote
from voting.elections.tally import tally_of, tally_record
from voting.elections.tasks import notify_voters_of_void_votes
from voting.elections.voiding import Why, void_vote_of, void_votes_for


def cast_vote(*, slug: str, candidate_id: int, by: Actor) -> Cast:
    """Casts this person's vote, or changes it. The same vote again changes nothing.

    One statement checks and writes (see `voting.elections.statements`); it is idempotent, so it is retried
    when the database asks for that, or was lost before it answered. When this returns, the vote is stored.
    The audit log has no word of it.

    Raises:
        ValidationError: the vote was refused; the message says why, for the voter.
        Membership.DoesNotExist: the person is not a member.
    """
    parameters = {"slug": slug, "user_id": by.user.pk, "candidate_id": candidate_id}
    cast = _cast_with_patience(parameters)
    if cast is None and _is_open_with_roll(by.user, slug):
        cast = _cast_with_patience(parameters)
    count("votes", cast.name.lower() if cast is not None else "refused")
    if cast is None:
        raise _refusal_of_vote(by.user, slug, candidate_id)
    return cast


@sent_again_if_lost
@retried
def _cast_with_patience(parameters: dict[str, Any]) -> Cast | None:
    return execute_cast_vote(parameters)


def _is_open_with_roll(user: User, slug: str) -> bool:
    """Whether voting is open for this member; if this is the first vote, its roll is frozen now.

    Another voter may have had it frozen since this vote was refused, so the answer does not depend on that.
    """
    mine = Conference.objects.joined_by(user).as_of_now().select_related("election")
    conference = mine.filter(slug=slug).first()
    if conference is None or not conference.election.is_open():
        return False
    ensure_frozen(conference=conference)
    return True


def _refusal_of_vote(user: User, slug: str, candidate_id: int) -> ValidationError:
    """Finds the message for a vote that the statement did not accept."""
    members = Membership.objects.select_related("conference__election", "user").filter(conference__slug=slug)
    voter = members.get(user=user, conference__in=Conference.objects.visible_to(user))
    # Who is not shown to other members is missing here too, so that no one finds out their name.
    candidate = voter if candidate_id == voter.pk else members.shown().filter(pk=candidate_id).first()
    voter.conference.as_of = database_now()
    if first := first_unmet(user=voter.user, conference=voter.conference, membership=voter):
        return ValidationError(first.refusal, code=first.code)
    if refusal := candidate_refusal(voter=voter, candidate=candidate):
        return ValidationError(refusal, code="not_a_candidate")
    return ValidationError(_("Your vote could not be stored just now. Please try again."), code="not_stored")


@retried
def withdraw_vote(*, conference: Conference, by: Actor) -> Change:
    """Withdraws this person's vote while voting is open. No change if there was none, or it is void.

    The audit log has no word of it.

    Raises:
        ValidationError: voting is not open.
    """
    with transaction.atomic():
        conference = lock_election(conference.pk).conference
        if PublishedBallots.objects.filter(election=conference.election).exists():
            said = refusal_now(conference) or _("Voting has closed, and the count is final.")
            raise ValidationError(said, code="voting_not_open")
        if not conference.election.is_open():
            raise ValidationError(refusal_now(conference), code="voting_not_open")
        votes = Vote.objects.valid().filter(election=conference.election, voter__user=by.user)
        return Change.of(votes.delete()[0])


@retried
def leave_conference(*, membership: Membership, by: Actor) -> Change:
    """Ends the membership and any decision for the member to speak. No change if it had already ended.

    Before voting closes, the member's vote becomes void and so do votes for them.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        ended = end_membership(membership=membership, now=conference.now)
        if ended is Change.NONE:
            return ended
        log_own_act(by=by, act="leave", target=conference)
        _give_up_decision(membership, by)
        if not conference.election.is_count_final():
            void_vote_of(voter=membership, because=Why.VOTER_LEFT)
            notify_voters_of_void_votes(void_votes_for(candidate=membership, because=Why.CANDIDATE_LEFT))
    return ended


def _give_up_decision(membership: Membership, by: Actor) -> None:
    """A member who leaves can no longer speak: they decline, or step down."""
    for decision in Decision.objects.current().filter(speaker=membership):
        if answer_decision(decision=decision, accept=False, by=by) is Change.NONE:
            step_down(decision=decision, by=by)


def close_voting(*, conference: Conference) -> Change:
    """Closes voting now, permanently, and publishes the ballots. No change if it was not open.

    Part of the acts that close it (`voting.elections.window`), which write the audit log.
    """
    with transaction.atomic():
        election = lock_election(conference.pk)
        if election.state() != VotingState.OPEN:
            return Change.NONE
        election.closes_at = election.now
        election.save(update_fields=["closes_at", "updated_at"])
        publish_ballots(conference=conference)
    conference.election = election
    return Change.MADE


@retried
def decide_speaker(
    *,
    conference: Conference,
    candidate: Membership,
    by: Actor,
    reason: str = "",
    reply_by: datetime | None = None,
    seen: str = "",
) -> Decision:
    """Records the pick with the current tally, and asks the chosen member. `seen`: the version that was read.

    Raises:
        ValidationError: a speaker or this candidate cannot be chosen now, what was read has changed, a reason
            is missing, or a second person has to confirm it.
    """
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        if Decision.objects.current().filter(election=locked.election).exists():
            raise ValidationError(
                _("A speaker has already been chosen for this conference."), code="speaker_chosen"
            )
        speaker = _speaker_to_be(locked, candidate)
        refuse_to_decide_now(locked)
        if locked.election.has_closed():
            publish_ballots(conference=locked)
        tally = tally_of(locked)
        refuse_choice(by, speaker, tally, conference=locked, reason=reason)
        until = reply_by_of(locked, reply_by)
        refuse_outdated(seen, version_of_choice(speaker))
        refuse_alone(DECISION, locked, _as_payload(speaker, reply_by), by)
        record = tally_record(tally)
        decision = _record_decision(locked, speaker, by.first, record, reason=reason, reply_by=until)
        locked.election.decided_at = decision.decided_at
        locked.election.save(update_fields=["decided_at", "updated_at"])
        what = _("Chosen as the speaker: %(name)s.") % {"name": NAME}
        log_change(by=by, target=locked.election, what=what, about=speaker)
        notify_chosen_member(decision=decision)
    conference.election.decided_at = decision.decided_at
    return decision


def _speaker_to_be(conference: Conference, candidate: Membership) -> Membership:
    members = Membership.objects.of_active_people().filter(conference=conference, excluded_at=None)
    speaker: Membership | None = members.filter(pk=candidate.pk).first()
    if speaker is None:
        raise ValidationError(
            _("Only a current member of this conference can be its speaker."), code="cannot_be_chosen"
        )
    return speaker


def _as_payload(candidate: Membership, reply_by: datetime | None) -> dict[str, Any]:
    return {"candidate": candidate.pk, "reply_by": reply_by and reply_by.isoformat()}


def _record_decision(  # called here alone
    conference: Conference,
    speaker: Membership,
    by: User,
    tally: dict[str, Any],
    *,
    reason: str,
    reply_by: datetime | None,
) -> Decision:
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                election=conference.election,
                speaker=speaker,
                speaker_name=next(
                    (s["name"] for s in tally["standings"] if s["member"] == speaker.pk), str(speaker)
                ),
                decided_by=by,
                decided_at=conference.now,
                tally=tally,
                reason=reason.strip(),
                reply_by=reply_by,
                reply_by_set_at=conference.now,
            )
    except IntegrityError as error:
        raise ValidationError(
            _("A speaker has already been chosen for this conference."), code="speaker_chosen"
        ) from error
    emit(DECISION_MADE, conference, {"decision_id": decision.pk, "member_id": speaker.pk})
    return decision
