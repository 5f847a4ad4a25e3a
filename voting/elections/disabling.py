"""What an organiser's disabling of an account does to votes."""

from accounts.models import User
from conferences.models import Membership
from voting.elections.election.actions import lock_election
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.tasks import notify_freed_voters
from voting.elections.voiding import Why, free_votes_for, restore_vote_of, void_vote_of


def void_votes(person: User) -> None:
    """In votes that are open: the person's vote becomes void, and votes for the person are freed."""
    for membership in _running(person):
        void_vote_of(voter=membership, because=Why.VOTER_DISABLED)
        notify_freed_voters(free_votes_for(candidate=membership, because=Why.CANDIDATE_DISABLED))


def restore_votes(person: User) -> None:
    """In votes that are open: the person's own vote counts again; votes that were freed stay free."""
    for membership in _running(person):
        restore_vote_of(voter=membership)


def _running(person: User) -> list[Membership]:
    """The person's memberships where the count can change; their elections are locked, in one order."""
    # What is closed and not yet counted is counted first, with the person's vote.
    publish_closed_ballots(member=person)
    memberships = Membership.objects.current().filter(user=person).order_by("conference")
    locked = [(m, lock_election(m.conference_id).conference) for m in memberships]
    return [membership for membership, conference in locked if not conference.election.is_count_final()]
