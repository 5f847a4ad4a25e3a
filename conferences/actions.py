from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.mailbox_digests import mailbox_digest
from conferences import mailboxes
from conferences.models import Conference, Membership, VotingState


def join_conference(*, conference: Conference, user: User) -> Membership:
    """Makes this person a current member. Joining twice changes nothing.

    Raises:
        ValidationError: the conference is over or not open to join, or another account of the
            person's mailbox is a member and this conference takes each mailbox once.
    """
    if conference.is_over():
        raise ValidationError(
            _("%(conference)s is over. You can no longer join it.") % {"conference": conference}
        )
    if not conference.is_joinable():
        raise ValidationError(_("%(conference)s is not open to join.") % {"conference": conference})
    try:
        with transaction.atomic():
            return _join(conference, user)
    except IntegrityError:
        raise ValidationError(_mailbox_is_taken(conference)) from None


def _join(conference: Conference, user: User) -> Membership:
    mailbox = mailbox_digest(user.email) if conference.one_account_per_mailbox else None
    if mailbox and mailboxes.is_taken(conference=conference, user=user):
        raise ValidationError(_mailbox_is_taken(conference))
    membership, is_new = Membership.objects.get_or_create(
        conference=conference, user=user, defaults={"joined_at": database_now(), "mailbox": mailbox}
    )
    comes_back = not is_new and membership.left_at is not None
    if comes_back:
        _come_back(conference, membership, mailbox)
    if is_new or comes_back:
        _keep_excluded(membership, is_new)
    return membership


def _come_back(conference: Conference, membership: Membership, mailbox: str | None) -> None:
    """Who was away when voting closed joins anew: the count has no place for them."""
    closed, now, left = conference.voting_closes_at, database_now(), membership.left_at
    joined_at = now if closed and left and left < closed <= now else membership.joined_at
    Membership.objects.filter(pk=membership.pk).update(left_at=None, joined_at=joined_at, mailbox=mailbox)
    membership.left_at, membership.joined_at = None, joined_at


def _mailbox_is_taken(conference: Conference) -> str:
    return _(
        "Another account with your mailbox is a member of %(conference)s already, and each mailbox can be a "
        "member once. Log in with that account, or leave the conference with it first. If you have no other "
        "account, please ask the organisers."
    ) % {"conference": conference}


def _keep_excluded(membership: Membership, is_new: bool) -> None:
    """Who was excluded, or disabled before they joined, stays so under another account of the mailbox."""
    user, conference = membership.user, membership.conference
    is_out = mailboxes.is_excluded(conference=conference, user=user) or (
        is_new and mailboxes.is_disabled(user)
    )
    if is_out and membership.excluded_at is None:
        reason = _("Another account of your mailbox was excluded from this vote, or disabled.")
        set_excluded(membership=membership, excluded_at=database_now(), reason=reason)
        membership.refresh_from_db()


def end_membership(*, membership: Membership, now: datetime) -> bool:
    """Ends the membership. False if it had ended before."""
    current = Membership.objects.current().filter(pk=membership.pk)
    if current.exclude(excluded_at=None).exists():
        mailboxes.remember_excluded(membership)
    return bool(current.update(left_at=now, mailbox=None))


def set_accepts_votes(*, membership: Membership, accepts_votes: bool) -> bool:
    """False if it stood so before."""
    stale = Membership.objects.filter(pk=membership.pk, accepts_votes=not accepts_votes)
    return bool(stale.update(accepts_votes=accepts_votes))


def set_excluded(*, membership: Membership, excluded_at: datetime | None, reason: str) -> bool:
    """Excludes the member from the vote since this moment, or no longer. False if it stood so before."""
    stale = Membership.objects.filter(pk=membership.pk, excluded_at__isnull=excluded_at is not None)
    if excluded_at:
        mailboxes.remember_excluded(membership)
    else:
        mailboxes.forget_excluded(membership)
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
    window_needs_consent: bool,
    tally_was_live: bool,
) -> None:
    """Writes the rules of the vote; whether they may still change is the caller's question."""
    now = database_now()
    Conference.objects.filter(pk=conference.pk).update(
        results_visibility=results_visibility,
        late_joiners=late_joiners,
        ties=ties,
        publishes_participants=publishes_participants,
        organisers_see_tally=organisers_see_tally,
        window_needs_consent=window_needs_consent,
        tally_was_live=tally_was_live,
        rules_set_at=conference.rules_set_at or now,
        updated_at=now,
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
