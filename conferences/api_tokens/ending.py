"""What ends tokens and deletes them, besides their owner."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from conferences.api_access.models import ApiToken, ApiTokenQuerySet
from conferences.api_tokens.emails import remind_of_expiry

KEPT = timedelta(days=90)
REMINDED_BEFORE = timedelta(days=7)


def end_tokens_of(user: User) -> None:
    """Called in the transaction that ends the person's sessions."""
    ApiToken.objects.filter(owner=user, ended_at=None).update(ended_at=timezone.now())


def old_tokens(*, for_longer_than: timedelta = KEPT) -> ApiTokenQuerySet:
    """Those that ended or expired longer ago."""
    then = timezone.now() - for_longer_than
    return ApiToken.objects.filter(Q(ended_at__lt=then) | Q(expires_at__lt=then))


def delete_old_tokens() -> None:
    old_tokens().delete()


def remind_owners() -> None:
    """Sends each owner one email a week before a token expires, if it was made before that."""
    soon = timezone.now() + REMINDED_BEFORE
    for token in ApiToken.objects.active().filter(reminded_at=None, expires_at__lt=soon):
        _remind(token)


def _remind(token: ApiToken) -> None:
    with transaction.atomic():
        unclaimed = ApiToken.objects.filter(pk=token.pk, reminded_at=None, ended_at=None)
        is_claimed = unclaimed.update(reminded_at=timezone.now())
        if is_claimed and token.created_at < token.expires_at - REMINDED_BEFORE:
            remind_of_expiry(token=token)
