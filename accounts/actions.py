from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User


def confirm_address(*, user: User) -> None:
    """Marks the person's log-in address as confirmed, as the mailed code would. Idempotent."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def disable_user(*, user: User) -> bool:
    """Ends the person's sessions and keeps them out. False if they were out already."""
    with transaction.atomic():
        changed = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)
        end_sessions(user=user)
    return bool(changed)


def enable_user(*, user: User) -> bool:
    """Lets the person in again. False if they were in already."""
    return bool(User.objects.filter(pk=user.pk, is_active=False).update(is_active=True))


def end_sessions(*, user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
