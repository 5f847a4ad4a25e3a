from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from accounts.models import User
from accounts.my_data.emails import notify_of_deletion
from accounts.my_data.erasure import check_may_delete, erase_user
from accounts.my_data.parts import PARTS


def consequences_of_deletion(*, user: User) -> dict[str, Any]:
    """What deleting an account would do, for the person to read first."""
    return {name: value for part in PARTS for name, value in part.consequences(user).items()}


def delete_account(*, by: Actor) -> User:
    """Leaves every conference and removes what identifies the person; each app does its part.

    The audit log keeps that a person did so, without a name.

    Raises:
        ValidationError: the person is an organiser.
    """
    user = by.user
    check_may_delete(user)
    with transaction.atomic():
        for part in PARTS:
            part.leave(by)
        for part in PARTS:
            part.delete(user)
        notify_of_deletion(user=user)
        erase_user(user=user)
        log_own_act(by=by, act="delete account", target=user)
    return user
