"""What disabling an account does to votes."""

from accounts.models import User
from conferences.models import Membership
from voting.elections.election.actions import lock_election
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.tasks import notify_voters_of_void_votes
from voting.elections.voiding import Why, restore_vote_of, void_vote_of, void_votes_for


def void_votes(person: User) -> None:
    """In open votes: the person's vote becomes void, and so do votes for the person."""
    for membership in _running(person):
        void_vote_of(voter=membership, because=Why.VOTER_DISABLED)
        notify_voters_of_void_votes(void_votes_for(candidate=membership, because=Why.CANDIDATE_DISABLED))


def restore_votes(person: User) -> None:
    """In open votes: the person's own vote counts again; votes for them that became void stay void."""
    for membership in _running(person):
        restore_vote_of(voter=membership)


def _running(person: User) -> list[Membership]:
    """The person's memberships whose count can change; locks their elections, always in the same order."""
    # A vote that has closed but not been counted is counted first, including the person's vote.
    publish_closed_ballots(member=person)
    memberships = Membership.objects.current().filter(user=person).order_by("conference")
    locked = [(m, lock_election(m.conference_id).conference) for m in memberships]
    return [membership for membership, conference in locked if not conference.election.is_count_final()]
