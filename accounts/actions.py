from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import DisabledMailbox, User
from confbox.kit.email_addresses import normalise_email
from confbox.kit.ip_addresses import network_of
from confbox.kit.mailbox_digests import mailbox_digest, mailbox_digests
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried

ORGANISERS = "Organisers"

# Other apps register here what they do when a person is disabled, renamed or enabled. Each function is
# called with the person, inside the transaction that changes the account.
AtStatus = Callable[[User], object]
BEFORE_DISABLING: list[AtStatus] = []
BEFORE_RENAMING: list[AtStatus] = []
AFTER_ENABLING: list[AtStatus] = []
# What else lets people in and ends with their sessions; called inside the transaction, if there is one.
WITH_SESSIONS: list[AtStatus] = []


def confirm_address(*, user: User) -> None:
    """Marks the person's log-in address as confirmed, as the emailed code would. Idempotent.

    Locks the person's row first: two transactions that each hold a gap lock where the missing email address
    would be inserted would deadlock.
    """
    confirmed = {"verified": True, "primary": True}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        address, is_new = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults=confirmed)
        if not is_new:
            EmailAddress.objects.filter(pk=address.pk).update(**confirmed)


@retried
def register_user(
    *,
    email: str,
    name: str,
    profession: str,
    password_hash: str,
    by: Actor,
    language: str = "",
    time_zone: str = "UTC",
) -> User:
    """Creates the account of a person who has shown that the email address is theirs.

    `language` is the one they signed up in; emails to them are written in it.

    Raises:
        ValidationError: an account with this email address was created in the meantime.
    """
    user = User(
        email=email,
        name=name,
        profession=profession,
        password=password_hash,
        signup_network=network_of(by.ip_address),
        language=language,
        time_zone=time_zone,
    )
    try:
        with transaction.atomic():
            user.save()
            confirm_address(user=user)
    except IntegrityError:
        raise ValidationError(
            _("There is already an account with this email address. Please log in."), code="account_exists"
        ) from None
    return user


def make_organiser(*, email: str, name: str, by: Actor, password: str = "") -> User:
    """Makes the person with this email address an organiser, or creates one with this password. Idempotent.

    Raises:
        ValidationError: the email address or name is invalid, or the account is disabled.
    """
    user = User.objects.filter(email=normalise_email(email)).first() or User(email=email, name=name)
    if not user.is_active:
        raise ValidationError(_("This account is disabled. Enable it first."), code="account_disabled")
    if password:
        user.set_password(password)
    user.is_staff = True
    user.full_clean(exclude=["password"])
    with transaction.atomic():
        user.save(update_fields=["is_staff"] if user.pk else None)
        confirm_address(user=user)
        user.groups.add(Group.objects.get(name=ORGANISERS))
        log_act(by=by, act="make organiser", target=user)
    return user


def before_renaming(user: User) -> None:
    """Lets other apps store the old name where it has to stay, such as in a result."""
    for act in BEFORE_RENAMING:
        act(user)


def change_own_account(*, columns: dict[str, Any], by: Actor) -> Change:
    """Writes only these columns, because others may have changed since the person was read.

    No change where the person was disabled or deleted meanwhile.
    """
    if "name" in columns:
        before_renaming(by.user)
    return Change.of(User.objects.active().filter(pk=by.user.pk).update(**columns))


def set_receives_campaigns(*, receives: bool, by: Actor) -> Change:
    stale = User.objects.filter(pk=by.user.pk, receives_campaigns=not receives)
    return Change.of(stale.update(receives_campaigns=receives))


def set_receives_notices(*, receives: bool, by: Actor) -> Change:
    stale = User.objects.filter(pk=by.user.pk, receives_notices=not receives)
    return Change.of(stale.update(receives_notices=receives))


def disable_user(*, user: User, by: Actor, reason: str) -> Change:
    """Ends the person's sessions and keeps them out. No change if they were already disabled.

    Raises:
        ValidationError: there is no reason, or this organiser may not disable that person.
    """
    _check_may_disable(user, by.person)
    if not reason.strip():
        raise ValidationError(_("Please give a reason. It is kept in the history."), code="reason_missing")
    with transaction.atomic():
        check_superuser_remains(but=user)
        for act in BEFORE_DISABLING:
            act(user)
        changed = Change.of(User.objects.filter(pk=user.pk, is_active=True).update(is_active=False))
        end_sessions(user=user)
        if changed is Change.MADE:
            DisabledMailbox.objects.get_or_create(digest=mailbox_digest(user.email))
            log_act(by=by, act="disable", target=user, reason=reason.strip())
    return changed


def enable_user(*, user: User, by: Actor, reason: str) -> Change:
    """Lets the person in again. No change if they were already enabled.

    Raises:
        ValidationError: there is no reason, or this organiser may not enable that person.
    """
    _check_may_disable(user, by.person)
    if not reason.strip():
        raise ValidationError(_("Please give a reason. It is kept in the history."), code="reason_missing")
    with transaction.atomic():
        changed = Change.of(User.objects.filter(pk=user.pk, is_active=False).update(is_active=True))
        for act in AFTER_ENABLING:
            act(user)
        if changed is Change.MADE:
            DisabledMailbox.objects.filter(digest__in=mailbox_digests(user.email)).delete()
            log_act(by=by, act="enable", target=user, reason=reason.strip())
    return changed


def _check_may_disable(user: User, by: User | None) -> None:
    if by is not None and user.pk == by.pk:
        raise ValidationError(_("You cannot disable or enable yourself."), code="another_person_needed")
    # Otherwise one organiser could lock out all the others.
    if by is not None and (user.is_staff or user.is_superuser) and not by.is_superuser:
        raise ValidationError(
            _("Only a superuser can disable or enable %(name)s.") % {"name": user}, code="role_needed"
        )


def check_superuser_remains(*, but: User) -> None:
    """Locks the superusers, so that two cannot disable each other at once. Call it in a transaction.

    Raises:
        ValidationError: no one else could manage the organisers.
    """
    able = User.objects.select_for_update().filter(is_superuser=True, is_staff=True, is_active=True)
    ids = set(able.order_by("pk").values_list("pk", flat=True))
    if ids == {but.pk}:
        raise ValidationError(
            _("At least one superuser must be able to log in. Create another superuser first."),
            code="last_superuser",
        )


def end_session(*, session: UserSession, session_key: str | None, by: Actor) -> Change:
    """Logs out the browser of this session; `session_key` is that of the session in which this is asked.

    Raises:
        ValidationError: they are the same.
    """
    if session.session_key == session_key:
        raise ValidationError(_("This is the session you are in. Log out to end it."), code="current_session")
    mine = UserSession.objects.filter(pk=session.pk, user=by.user)
    if not mine.exists():
        return Change.NONE
    session.end()
    return Change.MADE


def end_other_sessions(*, session_key: str | None, by: Actor) -> int:
    """Ends the person's sessions except this one. Says how many."""
    with transaction.atomic():
        return end_sessions(user=by.user, but=session_key)


def end_sessions(*, user: User, but: str | None = None) -> int:
    """Ends the person's sessions, except the one with the given key, and what ends with them.

    Returns how many sessions.
    """
    for act in WITH_SESSIONS:
        act(user)
    found = list(UserSession.objects.filter(user=user).exclude(session_key=but or ""))
    for session in found:
        session.end()
    return len(found)


def export_people(
    *, people: models.QuerySet[User], by: Actor, is_repeated: bool = False
) -> models.QuerySet[User]:
    """Returns the people to export; the audit log records how many.

    If `is_repeated` is set, it has already been logged.
    """
    if not is_repeated:
        number = people.count()
        said = ngettext("%(n)d person exported.", "%(n)d people exported.", number) % {"n": number}
        log_act(by=by, act="export", target=by.user, what=said)
    return people
