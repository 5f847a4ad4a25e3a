from collections.abc import Callable, Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act, log_change, log_own_act
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
from conferences import mailboxes
from conferences.admission.actions import create_admissions
from conferences.admission.rules import admit, take_up
from conferences.gone import is_gone
from conferences.history.models import refuse_old_addresses
from conferences.matching import claim_entry, lock_claims
from conferences.models import Conference, Membership, RosterEntry
from conferences.outbox.events import emit, emit_change
from conferences.outbox.kinds import MEMBER_JOINED
from conferences.versions import refuse_old_page, version_shown

# Called inside the transaction: what other apps store for each new conference, and what keeps one from
# being deactivated, by raising ValidationError.
AFTER_CREATING: list[Callable[[list[Conference]], None]] = []
# Called inside the transaction, when it has been published.
AFTER_PUBLISHING: list[Callable[..., object]] = []
BEFORE_DEACTIVATING: list[Callable[[Conference], None]] = []
# Called inside the transaction in which a person joins, once they are a member.
AFTER_JOINING: list[Callable[[Membership], None]] = []


def create_conferences(*, conferences: Iterable[Conference]) -> list[Conference]:
    """Stores new conferences, and what belongs to each of them."""
    with transaction.atomic():
        stored = Conference.objects.bulk_create(conferences, batch_size=500)
        refuse_old_addresses(conference.slug for conference in stored)
        create_admissions(stored)
        for act in AFTER_CREATING:
            act(stored)
    return stored


@retried
def join_conference(
    *, conference: Conference, by: Actor, code: str = "", entry: RosterEntry | None = None
) -> Membership:
    """Makes this person a current member, if a rule of the conference admits them.

    They get `entry`, whose email address has just been proved to be theirs, or that of another address of
    theirs. `code` is a join code as typed; it is used only if nothing else admits them. Joining twice changes
    nothing.

    Raises:
        ValidationError: the conference is over or not open to new members, no rule admits the person, or
            another account of their mailbox is a member and this conference allows each mailbox once.
    """
    if conference.is_over():
        raise ValidationError(
            _("%(conference)s is over. You can no longer join it.") % {"conference": conference},
            code="conference_over",
        )
    if conference.is_cancelled:
        sentence = _("%(conference)s is cancelled, so you cannot join it.")
        raise ValidationError(sentence % {"conference": conference}, code="conference_cancelled")
    if not conference.is_joinable():
        raise ValidationError(
            _("%(conference)s is not open to new members.") % {"conference": conference},
            code="joining_closed",
        )
    try:
        with transaction.atomic():
            lock_claims(conference)
            current = Membership.objects.current().filter(conference=conference, user=by.user).first()
            return current or _join(conference, by, code, entry)
    except IntegrityError:
        is_there = Conference.objects.filter(pk=conference.pk).exists()
        raise coded_error(
            _mailbox_is_taken(conference) if is_there else is_gone(), code="mailbox_taken"
        ) from None


def _join(conference: Conference, by: Actor, code: str, entry: RosterEntry | None) -> Membership:
    user = by.user
    mailbox = mailbox_digest(user.email) if conference.one_account_per_mailbox else None
    if mailbox and mailboxes.is_taken(conference=conference, user=user):
        raise ValidationError(_mailbox_is_taken(conference), code="mailbox_taken")
    admittance = admit(user=user, conference=conference, code=code, entry=entry)
    membership, is_new = Membership.objects.get_or_create(
        conference=conference, user=user, defaults={"joined_at": database_now(), "mailbox": mailbox}
    )
    if is_new or come_back(conference=conference, membership=membership, mailbox=mailbox) is Change.MADE:
        log_own_act(by=by, act="join", target=conference)
        keep_excluded(membership=membership, is_new=is_new)
        take_up(admittance, entry=claim_entry(membership=membership, entry=entry))
        if admittance.code:
            # Only now: the key would lock the code for reading, and many who then count their use deadlock.
            membership.join_code = admittance.code
            membership.save(update_fields=["join_code"])
        for act in AFTER_JOINING:
            act(membership)
        emit(MEMBER_JOINED, conference, {"member_id": membership.pk})
    return membership


def come_back(*, conference: Conference, membership: Membership, mailbox: str | None) -> Change:
    """A person who was away when voting closed gets a new membership: the count does not include them.

    No change if they are back already: the same request came twice.
    """
    closed, now, left = conference.election.closes_at, database_now(), membership.left_at
    joined_at = now if closed and left and left < closed <= now else membership.joined_at
    away = Membership.objects.filter(pk=membership.pk, left_at__isnull=False)
    back = Change.of(away.update(left_at=None, joined_at=joined_at, mailbox=mailbox, join_code=None))
    membership.refresh_from_db(fields=["left_at", "joined_at", "mailbox", "join_code"])
    return back


def _mailbox_is_taken(conference: Conference) -> str:
    return _(
        "Another account with the same mailbox is already a member of %(conference)s, "
        "and each mailbox can join only once. Log in with that account, or use it to "
        "leave the conference first. If you have no other account, please ask the "
        "organisers."
    ) % {"conference": conference}


def keep_excluded(*, membership: Membership, is_new: bool) -> None:
    """A person who was excluded, or disabled before joining, stays so with another account of the mailbox."""
    user, conference = membership.user, membership.conference
    is_out = mailboxes.is_excluded(conference=conference, user=user) or (
        is_new and mailboxes.is_disabled(user)
    )
    if is_out and membership.excluded_at is None:
        reason = _("Another account with the same mailbox was excluded from this vote or disabled.")
        set_excluded(membership=membership, excluded_at=database_now(), reason=reason)
        membership.refresh_from_db()


def end_membership(*, membership: Membership, now: datetime) -> Change:
    """Ends the membership. No change if it had already ended."""
    current = Membership.objects.current().filter(pk=membership.pk)
    if current.exclude(excluded_at=None).exists():
        mailboxes.remember_excluded(membership)
    return Change.of(current.update(left_at=now, mailbox=None))


def keep_hidden(conference: Conference) -> None:
    """Members who joined while the conference did not list its members stay hidden until they choose."""
    Membership.objects.filter(conference=conference, is_listed=None).update(is_listed=False)


def export_members(
    *, memberships: models.QuerySet[Membership], by: Actor, is_repeated: bool = False
) -> models.QuerySet[Membership]:
    """Returns the members to export; the audit log of each conference records how many.

    If `is_repeated` is set, it has already been logged.
    """
    if not is_repeated:
        counted = memberships.order_by().values("conference").annotate(number=models.Count("pk"))
        numbers = dict(counted.values_list("conference", "number"))
        with transaction.atomic():
            for conference in Conference.objects.filter(pk__in=numbers).order_by("pk"):
                number = numbers[conference.pk]
                said = ngettext("%(n)d member exported.", "%(n)d members exported.", number)
                log_act(by=by, act="export", target=conference, what=said % {"n": number})
    return memberships


def set_excluded(*, membership: Membership, excluded_at: datetime | None, reason: str) -> Change:
    """Excludes the member from the vote since this time, or no longer."""
    stale = Membership.objects.filter(pk=membership.pk, excluded_at__isnull=excluded_at is not None)
    if excluded_at:
        mailboxes.remember_excluded(membership)
    else:
        mailboxes.forget_excluded(membership)
    return Change.of(stale.update(excluded_at=excluded_at, exclusion_reason=reason))


def forget_reasons(*, user: User) -> None:
    """Deletes the reasons for a person who deletes their account; that they were excluded or hidden stays."""
    mine = Membership.objects.filter(user=user)
    mine.update(exclusion_reason="", pitch_hidden_reason="", profile_hidden_reason="")


def lock_conference(conference_id: int) -> Conference:
    """Locks the conference until the transaction ends and returns it, with the database's clock.

    Votes do not wait for it: they lock their election.
    """
    return Conference.objects.as_of_now().select_for_update().get(pk=conference_id)


def publish_conference(*, conference: Conference, by: Actor, seen: str = "") -> Change:
    """No change if it was already active. `seen` is the version of the conference that was shown.

    Raises:
        ValidationError: it is cancelled, has no dates yet, or has changed since it was shown.
    """
    with transaction.atomic():
        _refuse_cancelled(locked := lock_conference(conference.pk))
        if not locked.has_dates:
            raise ValidationError(_("Please set the dates of the conference first."), code="dates_missing")
        if locked.status != Conference.Status.ACTIVE:
            refuse_old_page(version_shown(locked), seen)
        changed = _set_status(conference, Conference.Status.ACTIVE)
        if changed is Change.MADE:
            log_change(by=by, target=conference, what=_("Published."))
            for notify in AFTER_PUBLISHING:
                notify(conference=locked, by=by)
            locked.status = Conference.Status.ACTIVE
            emit_change(locked, "published")
    return changed


def deactivate_conference(*, conference: Conference, by: Actor) -> Change:
    """Takes the conference off the list and stops joining. No change if it was already off the list.

    Raises:
        ValidationError: it is cancelled or people have joined it, or voting is open and would end without
            notice to its voters.
    """
    with transaction.atomic():
        _refuse_cancelled(locked := lock_conference(conference.pk))
        _refuse_without_notice(locked)
        for check in BEFORE_DEACTIVATING:
            check(conference)
        changed = _set_status(conference, Conference.Status.INACTIVE)
        if changed is Change.MADE:
            log_change(by=by, target=conference, what=_("Deactivated."))
            emit_change(locked, "unpublished")
    return changed


def _refuse_cancelled(conference: Conference) -> None:
    if conference.is_cancelled:
        sentence = _("%(conference)s is cancelled. If it takes place after all, say so on its page first.")
        raise ValidationError(sentence % {"conference": conference}, code="conference_cancelled")


def _refuse_without_notice(conference: Conference) -> None:
    members = Membership.objects.current().filter(conference=conference).count()
    if conference.status == Conference.Status.ACTIVE and members:
        sentence = ngettext(
            "%(n)d person has joined %(conference)s. Use “Take it off the site” on its page, which notifies "
            "them.",
            "%(n)d people have joined %(conference)s. Use “Take it off the site” on its page, which notifies "
            "them.",
            members,
        )
        raise ValidationError(sentence % {"n": members, "conference": conference}, code="has_members")


def _set_status(conference: Conference, status: Conference.Status) -> Change:
    others = Conference.objects.filter(pk=conference.pk).exclude(status=status)
    since = {"stopped_at": None, "stop_reason": "", "updated_at": timezone.now()}
    return Change.of(others.update(status=status, **since))
