"""What remains of a person in this app's tables after they delete their account: an anonymous row."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from accounts.actions import end_sessions
from accounts.models import AdminAct, LinkedAddress, User
from accounts.pictures import erase_picture

NAMELESS = "Deleted person"


def check_may_delete(user: User) -> None:
    """Raises ValidationError for organisers: the audit log has to name them."""
    if user.is_staff or user.is_superuser:
        raise ValidationError(
            _("You are an organiser. Ask another organiser to take that role from you first."),
            code="still_organiser",
        )


def forget_in_records(rows: models.QuerySet[Any]) -> None:
    """Removes words that identify the person from what organisers did to these rows; the entries stay."""
    model, ids = rows.model, [str(pk) for pk in rows.values_list("pk", flat=True)]
    acts = AdminAct.objects.filter(kind=model._meta.model_name, target_id__in=ids)
    acts.update(target=NAMELESS, reason="")
    AdminAct.objects.filter(about_kind=model._meta.model_name, about_id__in=ids).update(reason="")
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=ids
    )
    entries.update(object_repr=NAMELESS, change_message="")


def erase_user(*, user: User) -> None:
    """Removes everything that identifies the person. The row stays, because counted votes refer to it.

    The email address becomes one that cannot receive email and that no one can sign up with.
    """
    check_may_delete(user)
    with transaction.atomic():
        address = user.email
        erase_picture(user)
        end_sessions(user=user)
        EmailAddress.objects.filter(user=user).delete()
        LinkedAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        SocialAccount.objects.filter(user=user).delete()
        forget_in_records(User.objects.filter(pk=user.pk))
        _forget_tasks(address)
        user.groups.clear()
        user.user_permissions.clear()
        _blank(user)


def _forget_tasks(address: str) -> None:
    """Deletes finished tasks for exactly this email address, not those that only contain it."""
    likely = DBTaskResult.objects.finished().filter(args_kwargs__icontains=address)
    theirs = [pk for pk, given in likely.values_list("pk", "args_kwargs") if _is_for(address, given)]
    DBTaskResult.objects.filter(pk__in=theirs).delete()


def _is_for(address: str, given: Any) -> bool:
    if isinstance(given, dict | list):
        return any(_is_for(address, one) for one in (given.values() if isinstance(given, dict) else given))
    return isinstance(given, str) and given.casefold() == address.casefold()


def _blank(user: User) -> None:
    user.email = f"deleted-{secrets.token_hex(12)}@deleted.invalid"
    user.name, user.is_active = NAMELESS, False
    user.picture.name = ""
    user.phone = user.profession = user.bio = user.language = ""
    user.calendar_key = user.signup_network = ""
    user.time_zone, user.last_login = "UTC", None
    user.receives_campaigns = user.receives_notices = user.shows_bio = user.shows_profession = False
    user.set_unusable_password()
    user.save()
