"""What the worker does for the vote."""

from datetime import datetime

from django_tasks import task

from confbox.kit.email_sending import enqueue_on_commit
from conferences.contact import contact_of_each
from voting.elections.emails import notify_of_void_vote
from voting.elections.models import Vote, VoteQuerySet
from voting.elections.voiding import VoidedVotes


@task(queue_name="mail")
def email_voters_of_void_votes(*, candidate_id: int, at: str) -> None:
    """Emails each voter whose vote became void and who has not voted again. The task names none of them."""
    _tell(Vote.objects.filter(candidate=candidate_id, voided_at=datetime.fromisoformat(at)))


@task(queue_name="mail")
def remind_voters_of_void_votes(*, conference_id: int) -> None:
    """Reminds voters whose vote became void, when the others are reminded to vote."""
    _tell(Vote.objects.filter(election=conference_id, voided_because__startswith="candidate_"))


def _tell(votes: VoteQuerySet) -> None:
    here = votes.filter(voter__left_at=None, voter__excluded_at=None, voter__user__is_active=True)
    here = here.select_related("voter__user", "election")
    for vote in here.prefetch_related(contact_of_each("election__conference")):
        notify_of_void_vote(voter=vote.voter.user, conference=vote.election.conference)


def notify_voters_of_void_votes(voided: VoidedVotes | None) -> None:
    """Enqueues the notification.

    The caller learns nothing: a task is enqueued even if there are no voters.
    """
    if voided:
        enqueue_on_commit(
            email_voters_of_void_votes, candidate_id=voided.candidate_id, at=voided.at.isoformat()
        )
