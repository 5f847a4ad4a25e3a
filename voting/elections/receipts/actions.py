from collections.abc import Collection
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import User
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.events import emit_close
from voting.elections.models import KeptFigure, Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.result import ballots_of, hours_of, result_of
from voting.elections.receipts.tracker import make_nonce, tracker_of
from voting.elections.roll.actions import ensure_frozen
from voting.elections.voiding import drop_void_votes


def publish_ballots(*, conference: Conference) -> PublishedBallots:
    """Publishes the final ballots and the whole result, without times or order of the votes. Idempotent.

    The election stays locked from the count to the commit, so no vote can come after it.

    Raises:
        ValidationError: voting has not closed.
    """
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        published = PublishedBallots.objects.filter(election=locked.election).first()
        if published:
            return published
        if not locked.election.has_closed():
            raise ValidationError(
                _("The ballots are published after voting has closed."), code="voting_not_over"
            )
        ensure_frozen(conference=locked)
        void = drop_void_votes(locked)
        _complete_trackers(locked)
        # They have votes that became void: with what is published now, someone could tell whose.
        KeptFigure.objects.filter(election=locked.pk).delete()
        published = _publish(locked, void=void)
        emit_close(locked)
        return published


def ensure_published(conference: Conference) -> PublishedBallots | None:
    """The published result, without the text of the ballots. None before voting closes, or without a vote.

    The first caller after voting has closed publishes it.
    """
    if not conference.election.has_closed():
        return None
    published = PublishedBallots.objects.defer("ballots").filter(election=conference.election).first()
    if published:
        return published
    with suppress(ValidationError):  # this server's clock is fast: by the database's clock, voting is open
        return publish_ballots(conference=conference)
    return None


def publish_closed_ballots(*, member: User | None = None) -> list[PublishedBallots]:
    """Publishes the ballots of every conference, or of one person's, whose voting closed on schedule."""
    closed = Election.objects.publication_is_due().select_related("conference")
    if member:
        closed = closed.filter(conference__memberships__user=member)
    return [publish_ballots(conference=election.conference) for election in closed]


def publish_closed_ballots_of(person: User) -> None:
    publish_closed_ballots(member=person)


def _publish(conference: Conference, *, void: int) -> PublishedBallots:
    ballots = ballots_of(conference)
    result, names = result_of(conference, ballots=ballots, void=void)
    return PublishedBallots.objects.create(
        election=conference.election,
        ballots=ballots,
        digest=result["digest"],
        signature=result["signature"],
        published_at=conference.now,
        result=result,
        names=names,
        hours=hours_of(conference),
    )


def forget_names(*, members: Collection[Membership]) -> None:
    """Removes the names of these members from what is published. What is signed does not change."""
    numbers = {str(member.pk) for member in members}
    conferences = {member.conference_id for member in members}
    rows = PublishedBallots.objects.filter(election__in=conferences).order_by("pk").only("names")
    for published in rows.select_for_update():
        kept = {number: named for number, named in published.names.items() if number not in numbers}
        PublishedBallots.objects.filter(pk=published.pk).update(names=kept)


def _complete_trackers(conference: Conference) -> None:
    """Gives votes that did not come from a ballot, such as imported ones, their tracker."""
    lacking = list(Vote.objects.filter(election=conference.election, tracker=None))
    for vote in lacking:
        vote.nonce = make_nonce()
        vote.tracker = tracker_of(conference_id=conference.pk, member_id=vote.voter_id, nonce=vote.nonce)
    Vote.objects.bulk_update(lacking, ["nonce", "tracker"], batch_size=500)


def unlink_overdue_voters(*, by: Actor) -> int:
    """Unlinks the voters of each vote whose dispute window has ended, unless the site does so by hand."""
    if not settings.UNLINK_AUTOMATICALLY:
        return 0
    removed = 0
    for published in (
        PublishedBallots.objects.to_unlink().defer("ballots").select_related("election__conference")
    ):
        with suppress(ValidationError):  # it was decided again since
            removed += unlink_voters(conference=published.election.conference, by=by)
    return removed


def unlink_voters(*, conference: Conference, by: Actor, is_early: bool = False) -> int:
    """Permanently removes the link between voters and their choices; the published ballots stay.

    Returns:
        The number of votes whose link was removed; 0 if that had been done before.

    Raises:
        ValidationError: nothing is published, the dispute window is still open, or organisers keep them
            linked.
    """
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        published = PublishedBallots.objects.filter(election=locked.election).first()
        if published is None:
            raise ValidationError(
                _("The ballots are not published yet, so voters cannot be unlinked from them."),
                code="ballots_not_published",
            )
        if published.is_held(locked.now):
            raise ValidationError(
                _("The organisers keep voters linked until %(time)s, to look into a dispute: %(reason)s")
                % {"time": in_zone(locked, published.held_until), "reason": published.hold_reason},
                code="kept_linked",
            )
        ends_at = published.dispute_ends_at
        if locked.now < ends_at and not is_early:
            raise ValidationError(
                _("The dispute window is open until %(time)s.") % {"time": in_zone(locked, ends_at)},
                code="kept_linked",
            )
        unlinked = PublishedBallots.objects.filter(pk=published.pk, unlinked_at=None).update(
            unlinked_at=locked.now
        )
        if unlinked:
            log_act(by=by, act="unlink voters", target=locked)
        return Vote.objects.filter(election=locked.election).delete()[0]
