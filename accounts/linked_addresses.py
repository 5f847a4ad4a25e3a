"""Further email addresses that a person has confirmed with a code, because a ticket is under them."""

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from accounts.models import LinkedAddress, User
from confbox.kit.email_addresses import normalise_email
from confbox.kit.outcomes import Change

# The answer of `has_confirmed_address`, for people who are read with their session.
HAS_CONFIRMED = (
    "EXISTS (SELECT 1 FROM account_emailaddress e WHERE e.user_id = accounts_user.id AND e.verified)"
)


def has_confirmed_address(user: User) -> bool:
    """Whether any address of theirs is confirmed; no query for the person of a request."""
    known: bool | None = getattr(user, "has_confirmed_address", None)
    return EmailAddress.objects.filter(user=user, verified=True).exists() if known is None else known


def confirmed_addresses(user: User) -> list[str]:
    """Every address that the person has confirmed, that of their log-in first."""
    own = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    linked = LinkedAddress.objects.filter(user=user)
    found = [*own.values_list("email", flat=True), *linked.values_list("email", flat=True)]
    return list(dict.fromkeys(normalise_email(email) for email in found))


def link_address(*, email: str, by: Actor) -> Change:
    """Keeps an address for which this person has typed the code. No change if it is linked already."""
    with transaction.atomic():
        _linked, is_new = LinkedAddress.objects.get_or_create(user=by.user, email=normalise_email(email))
        if is_new:
            log_own_act(by=by, act="link address", target=by.user)
    return Change.MADE if is_new else Change.NONE


def unlink_address(*, linked: LinkedAddress, by: Actor) -> Change:
    """Forgets the address. A ticket that was found with it stays the person's."""
    with transaction.atomic():
        removed = Change.of(LinkedAddress.objects.filter(pk=linked.pk, user=by.user).delete()[0])
        if removed is Change.MADE:
            log_own_act(by=by, act="unlink address", target=by.user)
    return removed
