from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import DatabaseNow
from accounts.models import User
from conferences import actions as conference_actions
from conferences.models import Conference, VotingState
from conferences.moments import in_zone
from voting.models import PublishedBallots, Vote
from voting.receipts import verify
from voting.receipts.signing import public_key, sign
from voting.receipts.tracker import draw_nonce, tracker_of
from voting.voiding import drop_void_votes


def publish_ballots(*, conference: Conference) -> PublishedBallots:
    """Freezes the final ballots, without times, numbers of voters or their order. Idempotent.

    The conference stays locked from the count to the commit, so no vote can come after it.

    Raises:
        ValidationError: voting has not closed.
    """
    with transaction.atomic():
        locked = conference_actions.lock_conference(conference.pk)
        published = PublishedBallots.objects.filter(conference=locked).first()
        if published:
            return published
        if locked.voting_state() not in (VotingState.CLOSED, VotingState.DECIDED):
            raise ValidationError(_("The ballots are published when voting has closed."))
        drop_void_votes(locked)
        _complete_trackers(locked)
        return _publish(locked)


def publish_closed_ballots(*, member: User | None = None) -> list[PublishedBallots]:
    """Publishes the ballots of every conference, or of one person's, whose voting closed by the clock."""
    ruled = Conference.objects.filter(rules_set_at__isnull=False, published_ballots=None)
    closed = ruled.filter(voting_closes_at__lte=DatabaseNow())
    if member:
        closed = closed.filter(memberships__user=member)
    return [publish_ballots(conference=conference) for conference in closed]


def _publish(conference: Conference) -> PublishedBallots:
    votes = Vote.objects.filter(conference=conference)
    rows = sorted(votes.values_list("tracker", "candidate"))
    ballots = "tracker,choice\n" + "".join(f"{tracker},{choice}\n" for tracker, choice in rows)
    tally: dict[str, int] = {}
    for _tracker, choice in rows:
        tally[str(choice)] = tally.get(str(choice), 0) + 1
    digest = sha256(ballots.encode()).hexdigest()
    result: dict[str, Any] = {
        "version": "conferencebox-result-1",
        "conference": conference.pk,
        "title": conference.title,
        "participants": len(rows),
        "tally": dict(sorted(tally.items(), key=lambda counted: (-counted[1], int(counted[0])))),
        "digest": digest,
        "key": public_key(),
    }
    if conference.publishes_participants:
        result["names"] = sorted(votes.values_list("voter__user__name", flat=True))
    signature = sign(verify.BALLOTS.format(**result))
    return PublishedBallots.objects.create(
        conference=conference,
        ballots=ballots,
        digest=digest,
        signature=signature,
        published_at=conference.now,
        result=result | {"signature": signature},
    )


def _complete_trackers(conference: Conference) -> None:
    """Votes that did not come from a ballot, such as imported ones, get their tracker now."""
    lacking = list(Vote.objects.filter(conference=conference, tracker=None))
    for vote in lacking:
        vote.nonce = draw_nonce()
        vote.tracker = tracker_of(conference_id=conference.pk, member_id=vote.voter_id, nonce=vote.nonce)
    Vote.objects.bulk_update(lacking, ["nonce", "tracker"], batch_size=500)


def seal_ballots(*, conference: Conference, is_early: bool = False) -> int:
    """Removes the link between voters and their choices for good; the published ballots stay.

    Returns:
        The number of votes whose link was removed; 0 if they were sealed before.

    Raises:
        ValidationError: nothing is published, or the dispute window is still open.
    """
    with transaction.atomic():
        locked = conference_actions.lock_conference(conference.pk)
        published = PublishedBallots.objects.filter(conference=locked).first()
        if published is None:
            raise ValidationError(_("The ballots are not published yet, so they cannot be sealed."))
        ends_at = published.published_at + timedelta(days=settings.DISPUTE_DAYS)
        if locked.now < ends_at and not is_early:
            raise ValidationError(
                _("The dispute window is open until %(moment)s.") % {"moment": in_zone(locked, ends_at)}
            )
        PublishedBallots.objects.filter(pk=published.pk, sealed_at=None).update(sealed_at=locked.now)
        return Vote.objects.filter(conference=locked).delete()[0]
