"""Votes that will not count, because the voter or the candidate is no longer there.

Until voting closes their rows stay, so that no figure reveals how a member voted who was excluded or left.
Call every function here with the election locked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from confbox.kit.clock import database_now
from conferences.models import Conference, Membership
from voting.elections.election.electorate import ON_ROLL
from voting.elections.models import Vote, VoteQuerySet

Why = Vote.Voided
# A vote that is void only for these reasons counts again once the voter may vote again.
REVERSIBLE = (Why.VOTER_EXCLUDED, Why.VOTER_DISABLED, Why.VOTER_OFF_ROLL)


@dataclass(frozen=True)
class VoidedVotes:
    """Votes for one candidate that became void at one time. Only the worker looks up whose they are."""

    candidate_id: int
    at: datetime


def void_vote_of(*, voter: Membership, because: Why) -> None:
    void_votes_of(voters=[voter.pk], because=because)


def void_votes_of(*, voters: Collection[int], because: Why) -> None:
    _void(Vote.objects.filter(voter__in=voters), because, database_now())


def void_votes_for(*, candidate: Membership, because: Why) -> VoidedVotes:
    """Makes votes for this member void. The return value is the same whether there were any or not."""
    voided = VoidedVotes(candidate.pk, database_now())
    _void(Vote.objects.filter(candidate=candidate), because, voided.at)
    return voided


def _void(votes: VoteQuerySet, because: Why, now: datetime) -> None:
    if because not in REVERSIBLE:
        votes.filter(voided_because__in=REVERSIBLE).update(voided_because=because)
    votes.filter(voided_at=None).update(voided_at=now, voided_because=because)


def restore_vote_of(*, voter: Membership) -> None:
    """Lets the vote of a readmitted or enabled member count again, unless it is void for another reason."""
    entitled = Membership.objects.of_active_people().filter(ON_ROLL, pk=voter.pk, excluded_at=None)
    votes = Vote.objects.filter(voter__in=entitled, voided_because__in=REVERSIBLE)
    votes.update(voided_at=None, voided_because="")


def drop_void_votes(conference: Conference) -> int:
    """Removes void votes, right before the count. The election is locked and voting is over.

    Returns:
        How many votes were removed.
    """
    votes = Vote.objects.filter(election=conference.election)
    left = Q(voter__left_at__isnull=False)
    if conference.election.closes_at:
        left &= Q(voter__left_at__lt=conference.election.closes_at)
    gone = left | Q(voter__excluded_at__isnull=False) | Q(voter__user__is_active=False)
    gone |= Q(voter__roll_entry__removed_at__isnull=False)
    return votes.filter(Q(voided_at__isnull=False) | gone).delete()[0]


def own_vote(voter: Membership | None) -> Vote | None:
    """The member's vote, void or not; no query if it was read with the member."""
    if voter is None or voter.reads_only:
        return None
    if Membership._meta.get_field("vote").is_cached(voter):
        return getattr(voter, "vote", None)
    return Vote.objects.filter(voter=voter).select_related("candidate__user").first()


def valid_vote(vote: Vote | None) -> Vote | None:
    """The vote as its voter sees it: a void one does not exist."""
    return vote if vote and vote.voided_at is None else None


def why_void(vote: Vote | None) -> str:
    """Why the voter has to vote again; empty if they do not."""
    if not vote or vote.voided_at is None:
        return ""
    name = {"name": vote.candidate}
    return {
        Why.VOTER_LEFT: _("Your vote no longer counts, because you left this conference. Please vote again."),
        Why.VOTER_EXCLUDED: _("Your vote does not count, because you are excluded from this vote."),
        Why.VOTER_DISABLED: _("Your vote does not count, because your account was disabled."),
        Why.VOTER_OFF_ROLL: _(
            "Your vote does not count, because the organisers removed you from the list of voters."
        ),
        Why.CANDIDATE_LEFT: _("Your vote no longer counts, because %(name)s left. Please vote again.") % name,
        Why.CANDIDATE_OPTED_OUT: _(
            "Your vote no longer counts, because %(name)s opted out of being voted for. Please vote again."
        )
        % name,
        Why.CANDIDATE_EXCLUDED: _(
            "Your vote no longer counts, because the organisers excluded %(name)s. Please vote again."
        )
        % name,
        Why.CANDIDATE_DISABLED: _(
            "Your vote no longer counts, because the account of %(name)s was disabled. Please vote again."
        )
        % name,
        Why.CANDIDATE_HIDDEN: _(
            "Your vote no longer counts, because the organisers hid the pitch of %(name)s. Please vote again."
        )
        % name,
    }[Why(vote.voided_because)]
