from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.clock import database_now
from accounts.models import User
from conferences.models import Conference, Membership, VotingState


def join_conference(*, conference: Conference, user: User) -> Membership:
    """Makes this person a current member. Joining twice changes nothing.

    Raises:
        ValidationError: the conference is over or not open to join.
    """
    if conference.is_over():
        raise ValidationError(
            _("%(conference)s is over. You can no longer join it.") % {"conference": conference}
        )
    if not conference.is_joinable():
        raise ValidationError(_("%(conference)s is not open to join.") % {"conference": conference})
    membership, created = Membership.objects.get_or_create(
        conference=conference, user=user, defaults={"joined_at": database_now()}
    )
    if not created and membership.left_at is not None:
        Membership.objects.filter(pk=membership.pk).update(left_at=None)
        membership.left_at = None
    return membership


def end_membership(*, membership: Membership, now: datetime) -> bool:
    """Ends the membership. False if it had ended before."""
    return bool(Membership.objects.current().filter(pk=membership.pk).update(left_at=now))


def set_accepts_votes(*, membership: Membership, accepts_votes: bool) -> bool:
    """False if it stood so before."""
    stale = Membership.objects.filter(pk=membership.pk, accepts_votes=not accepts_votes)
    return bool(stale.update(accepts_votes=accepts_votes))


def set_excluded(*, membership: Membership, excluded_at: datetime | None, reason: str) -> bool:
    """Excludes the member from the vote since this moment, or no longer. False if it stood so before."""
    stale = Membership.objects.filter(pk=membership.pk, excluded_at__isnull=excluded_at is not None)
    return bool(stale.update(excluded_at=excluded_at, exclusion_reason=reason))


def forget_exclusion_reasons(*, user: User) -> None:
    """For somebody whose account is deleted: that they were excluded stays, the words about them go."""
    Membership.objects.filter(user=user).update(exclusion_reason="")


def set_rules(
    *,
    conference: Conference,
    results_visibility: str,
    late_joiners: str,
    ties: str,
    publishes_participants: bool,
    organisers_see_tally: str,
) -> None:
    """Writes the rules of the vote; whether they may still change is the caller's question."""
    Conference.objects.filter(pk=conference.pk).update(
        results_visibility=results_visibility,
        late_joiners=late_joiners,
        ties=ties,
        publishes_participants=publishes_participants,
        organisers_see_tally=organisers_see_tally,
        rules_set_at=conference.rules_set_at or timezone.now(),
        updated_at=timezone.now(),
    )
    conference.refresh_from_db()


def lock_conference(conference_id: int) -> Conference:
    """The conference as it is now, by the database's clock, locked until the transaction ends.

    Waits for votes in flight: each holds a share lock on this row until it is stored.
    """
    return Conference.objects.as_of_now().select_for_update().get(pk=conference_id)


def close_voting(*, conference: Conference) -> bool:
    """Closes voting now, for good. False if it was not open."""
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        now = locked.now
        if locked.voting_state(now) != VotingState.OPEN:
            return False
        Conference.objects.filter(pk=locked.pk).update(voting_closes_at=now, updated_at=now)
    conference.voting_closes_at = now
    return True


def move_close(*, conference: Conference, closes_at: datetime) -> None:
    """Writes another deadline; whether it may move is the caller's question."""
    Conference.objects.filter(pk=conference.pk).update(voting_closes_at=closes_at, updated_at=conference.now)
    conference.voting_closes_at = closes_at


def mark_window_changed(*, conference: Conference) -> None:
    Conference.objects.filter(pk=conference.pk).update(window_changed_at=conference.now)
    conference.window_changed_at = conference.now


def set_decided(*, conference: Conference, decided_at: datetime | None) -> None:
    """Ends voting because a decision stands from this moment; None: it no longer stands."""
    Conference.objects.filter(pk=conference.pk).update(decided_at=decided_at, updated_at=timezone.now())
    conference.decided_at = decided_at


def set_speaker(*, conference: Conference, speaker: Membership | None) -> None:
    """Names the speaker to everybody, or nobody."""
    Conference.objects.filter(pk=conference.pk).update(speaker=speaker, updated_at=timezone.now())
    conference.speaker = speaker


def publish_conference(*, conference: Conference) -> bool:
    """False if it was active before."""
    return _set_status(conference, Conference.Status.ACTIVE)


def deactivate_conference(*, conference: Conference) -> bool:
    """Takes the conference off the list and stops joining. False if it was off before.

    Raises:
        ValidationError: voting is open; that would end it without a word to its voters.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        if locked.is_voting_open():
            raise ValidationError(
                _(
                    "Voting is open at %(conference)s. Close it first, on its tally: "
                    "that asks for a reason and notifies all members."
                )
                % {"conference": locked}
            )
        return _set_status(locked, Conference.Status.INACTIVE)


def _set_status(conference: Conference, status: Conference.Status) -> bool:
    others = Conference.objects.filter(pk=conference.pk).exclude(status=status)
    return bool(others.update(status=status, updated_at=timezone.now()))
