"""Connecting the log-in of a provider with an account, and disconnecting it."""

from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import confirm_address, register_user
from accounts.actors import Actor
from accounts.audit_log import log_own_act
from accounts.enrolment import SECOND_FACTORS, lock_person
from accounts.models import User
from accounts.providers.configured import name_of_provider
from accounts.providers.identities import Identity
from accounts.providers.notices import notify_of_log_in
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried

MOST = 10


@retried
def connect_log_in(*, identity: Identity, by: Actor) -> Change:
    """From then on, it opens this account. No change if it does already.

    Raises:
        ValidationError: it is connected to another account, or the account has too many.
    """
    with transaction.atomic():
        connected = _connect(identity, by.user)
        if connected is Change.MADE:
            log_own_act(by=by, act="connect log-in", target=by.user)
            notify_of_log_in(user=by.user, provider=identity.provider_name, is_connected=True)
    return connected


def _connect(identity: Identity, user: User) -> Change:
    lock_person(user)
    account, is_new = SocialAccount.objects.get_or_create(
        provider=identity.provider,
        uid=identity.uid,
        defaults={"user": user, "extra_data": identity.shown},
    )
    if account.user_id != user.pk:
        raise ValidationError(
            _("This log-in with %(provider)s is connected to another account.")
            % {"provider": identity.provider_name},
            code="log_in_of_another",
        )
    if SocialAccount.objects.filter(user=user).count() > MOST:
        raise ValidationError(
            _("You have connected as many log-ins as possible. Disconnect one first."), code="too_many"
        )
    return Change.MADE if is_new else Change.NONE


@retried
def link_log_in(*, identity: Identity, by: Actor) -> Change:
    """As `connect_log_in`, for a person who is not logged in and has entered the code sent to their address.

    Raises:
        ValidationError: also if the account has a second factor, which a code does not replace.
    """
    if is_mfa_enabled(by.user, SECOND_FACTORS):
        raise ValidationError(
            _(
                "Your account is protected by two-factor authentication. Log in without %(provider)s, and "
                "connect it under “Connected log-ins”."
            )
            % {"provider": identity.provider_name},
            code="second_factor_needed",
        )
    with transaction.atomic():
        confirm_address(user=by.user)
        return connect_log_in(identity=identity, by=by)


@retried
def register_with_log_in(
    *, identity: Identity, email: str, name: str, by: Actor, language: str = "", time_zone: str = "UTC"
) -> User:
    """Creates the account of a person who has shown that the address is theirs; it has no password.

    Raises:
        ValidationError: the address has an account meanwhile, or the log-in is connected to one.
    """
    with transaction.atomic():
        user = register_user(
            email=email,
            name=name,
            profession="",
            password_hash=make_password(None),
            by=by,
            language=language,
            time_zone=time_zone,
        )
        _connect(identity, user)
    return user


def disconnect_log_in(*, account: SocialAccount, by: Actor) -> Change:
    """A code by email remains, so no account is without a log-in."""
    with transaction.atomic():
        removed = Change.of(SocialAccount.objects.filter(pk=account.pk, user=by.user).delete()[0])
        if removed is Change.MADE:
            log_own_act(by=by, act="disconnect log-in", target=by.user)
            provider = name_of_provider(account.provider)
            notify_of_log_in(user=by.user, provider=provider, is_connected=False)
    return removed
