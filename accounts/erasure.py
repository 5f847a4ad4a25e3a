"""What remains of a person in this app's tables once they delete their account: a row without a person."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from accounts.actions import end_sessions
from accounts.models import AdminAct, User
from accounts.pictures import remove_picture

NAMELESS = "Deleted person"


def check_may_delete(user: User) -> None:
    """Raises ValidationError for organisers: the history of what they did has to name them."""
    if user.is_staff or user.is_superuser:
        raise ValidationError(
            _("You are an organiser. Ask another organiser to take that role from you first.")
        )


def erase_user(*, user: User) -> None:
    """Removes everything that tells who this was. The row stays, because counted votes refer to it.

    The address becomes one that no mail can reach and nobody can sign up with.
    """
    check_may_delete(user)
    with transaction.atomic():
        address = user.email
        remove_picture(user=user)
        end_sessions(user=user)
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        _forget_in_records(user, address)
        user.groups.clear()
        user.user_permissions.clear()
        _blank(user)


def _forget_in_records(user: User, address: str) -> None:
    AdminAct.objects.filter(kind="user", target_id=str(user.pk)).update(target=NAMELESS, reason="")
    person = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=person, object_id=str(user.pk)).update(
        object_repr=NAMELESS, change_message=""
    )
    DBTaskResult.objects.finished().filter(args_kwargs__icontains=address).delete()


def _blank(user: User) -> None:
    user.email = f"deleted-{secrets.token_hex(12)}@deleted.invalid"
    user.name, user.is_active = NAMELESS, False
    user.phone = user.profession = user.bio = user.language = ""
    user.calendar_key = user.signup_network = ""
    user.time_zone, user.last_login = "UTC", None
    user.receives_campaigns = user.shows_bio = user.shows_profession = False
    user.set_unusable_password()
    user.save()
