"""A turn of the worker: what the script of each rehearsal has for now. After a restart it continues.

Each step asks what has been done already, so several workers can play the same rehearsal at once.
"""

import logging

from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.utils.translation import override

from accounts.actors import Actor
from accounts.languages import language_of
from accounts.models import User
from conferences.actions import lock_conference
from conferences.models import Conference, Membership
from voting.elections.actions import cast_vote
from voting.elections.answers import answer_decision
from voting.elections.models import Decision
from voting.elections.pitches import save_pitch
from voting.rehearsal.actions import end_rehearsal
from voting.rehearsal.script import (
    ANSWERS_AFTER,
    LASTS,
    NAMES,
    OPENS_AFTER,
    PITCHES,
    choice_of,
    email_of,
    emails_of,
    joins_after,
    number_of,
    votes_after,
)

logger = logging.getLogger(__name__)


def has_rehearsals() -> bool:
    return Conference.objects.rehearsals().exists()


def play_rehearsals() -> None:
    rows = Conference.objects.rehearsals().order_by("pk").as_of_now()
    for twin in rows.select_related("election", "rehearses", "created_by"):
        try:
            play_rehearsal(twin)
        except Error:
            raise
        except Exception:
            logger.exception("Rehearsal %s cannot go on.", twin.pk)


def play_rehearsal(twin: Conference) -> None:
    assert twin.rehearses
    if twin.now >= twin.created_at + LASTS:
        end_rehearsal(conference=twin.rehearses, by=Actor.of_command())
        return
    with override(language_of(twin.created_by) if twin.created_by else None):
        if twin.election.has_closed():
            let_answer(twin)
            return
        let_join(twin)
        let_stand(twin)
        let_vote(twin)


def seconds_since_start(twin: Conference) -> float:
    """By the times of its vote, which organisers can move."""
    assert twin.election.opens_at
    return (twin.now - (twin.election.opens_at - OPENS_AFTER)).total_seconds()


def let_join(twin: Conference) -> None:
    elapsed = seconds_since_start(twin)
    due = {email_of(twin.pk, n) for n in range(len(NAMES)) if joins_after(n) <= elapsed}
    missing = User.objects.filter(email__in=due).exclude(memberships__conference=twin)
    if not missing.exists():
        return
    with transaction.atomic():
        # The lock keeps out another worker, and the removal.
        lock_conference(twin.pk)
        Membership.objects.bulk_create(
            Membership(conference=twin, user=person, joined_at=twin.now) for person in missing.order_by("pk")
        )


def let_stand(twin: Conference) -> None:
    elapsed = seconds_since_start(twin)
    due = {email_of(twin.pk, p.number): p for p in PITCHES if p.after <= elapsed}
    members = Membership.objects.current().filter(conference=twin, user__email__in=due, pitch=None)
    for membership in members.select_related("user"):
        pitch = due[membership.user.email]
        save_pitch(
            membership=membership,
            headline=str(pitch.headline),
            statement=str(pitch.statement),
            accepts_votes=True,
            by=Actor(membership.user),
        )


def let_vote(twin: Conference) -> None:
    if not twin.election.is_open():
        return
    elapsed = seconds_since_start(twin)
    candidates = Membership.objects.candidates().filter(conference=twin, pitch__isnull=False)
    choices = list(candidates.order_by("pk").values_list("pk", flat=True))
    voters = Membership.objects.current().filter(
        conference=twin, vote=None, user__email__in=emails_of(twin.pk)
    )
    for voter in voters.select_related("user"):
        number = number_of(voter.user.email)
        due, others = votes_after(number), [pk for pk in choices if pk != voter.pk]
        if due is not None and due <= elapsed and others:
            _vote(twin, voter, choice_of(others))


def _vote(twin: Conference, voter: Membership, choice: int) -> None:
    try:
        cast_vote(slug=twin.slug, candidate_id=choice, by=Actor(voter.user))
    except (ValidationError, Membership.DoesNotExist):
        # Voting has just closed, or organisers try out an exclusion.
        logger.info("An invented voter of rehearsal %s cannot vote.", twin.pk)


def let_answer(twin: Conference) -> None:
    """An invented person who is chosen accepts."""
    pending = Decision.objects.filter(
        election=twin.pk,
        answer=Decision.Answer.PENDING,
        decided_at__lte=twin.now - ANSWERS_AFTER,
        speaker__user__email__in=emails_of(twin.pk),
    )
    for decision in pending.select_related("speaker__user", "election__conference"):
        answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
