"""Excluding a member from a vote: an organiser's explicit act, with a reason, on record."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_act
from accounts.models import User
from conferences import actions as conference_actions
from conferences.models import Conference, Membership
from voting.elections.election.actions import lock_election
from voting.elections.voiding import Freed, Why, free_votes_for, restore_vote_of, void_vote_of


def exclude_member(
    *, membership: Membership, by: User | None, reason: str, address: str | None = None
) -> Freed | None:
    """Takes a member out of the vote: their vote becomes void, and votes for them are freed.

    Returns:
        Of which votes the voters are to be told; None if the member was excluded before.

    Raises:
        ValidationError: there is no reason, or the count is final.
    """
    with transaction.atomic():
        conference = _locked(membership)
        _check(conference, reason)
        excluded = conference_actions.set_excluded(
            membership=membership, excluded_at=conference.now, reason=reason.strip()
        )
        if not excluded:
            return None
        _record("exclude", membership, by, reason, address)
        void_vote_of(voter=membership, because=Why.VOTER_EXCLUDED)
        return free_votes_for(candidate=membership, because=Why.CANDIDATE_EXCLUDED)


def readmit_member(
    *, membership: Membership, by: User | None, reason: str, address: str | None = None
) -> bool:
    """Lets an excluded member vote and be voted for again. False if they were not excluded.

    The vote that the exclusion made void counts again; votes for the member that it freed stay free.

    Raises:
        ValidationError: there is no reason, or the count is final.
    """
    with transaction.atomic():
        _check(_locked(membership), reason)
        readmitted = conference_actions.set_excluded(membership=membership, excluded_at=None, reason="")
        if readmitted:
            restore_vote_of(voter=membership)
            _record("readmit", membership, by, reason, address)
    return readmitted


def _locked(membership: Membership) -> Conference:
    return lock_election(membership.conference_id).conference


def _check(conference: Conference, reason: str) -> None:
    if not reason.strip():
        raise ValidationError(_("Please give a reason. The member can read it."))
    if conference.election.is_count_final():
        raise ValidationError(_("Voting is closed and the count is final, so nobody can be excluded now."))


def _record(act: str, membership: Membership, by: User | None, reason: str, address: str | None) -> None:
    note = f"{membership.conference}: {reason.strip()}"
    record_act(by=by, act=act, target=membership.user, address=address, reason=note)
