"""Organisers of the site remove what does not belong in a profile, with a reason that its owner reads."""

from collections.abc import Callable, Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import User
from accounts.pictures import erase_picture
from accounts.profile_parts import ProfilePart, in_words, parts_of
from accounts.removal_emails import notify_of_removal
from confbox.kit.outcomes import Change

# Who may disable an account may also remove a part of its profile.
REMOVE = "accounts.disable_user"

# Other apps register here who may not remove anything from a profile (a ValidationError), and what follows
# where it was shown, too. Each function is called inside the transaction.
BEFORE_REMOVING: list[Callable[[User, Actor], object]] = []
AFTER_REMOVING: list[Callable[[User, Collection[ProfilePart], Actor], object]] = []


def remove_from_profile(*, user: User, parts: Collection[str], reason: str, by: Actor) -> Change:
    """Removes these parts everywhere at once and notifies the person. No change if they were gone already.

    Raises:
        ValidationError: there is no reason, or it is the profile of the organiser or of a rival.
    """
    if not reason.strip():
        raise ValidationError(_("Please give a reason. The person gets it by email."), code="reason_missing")
    if by.person is not None and by.person.pk == user.pk:
        raise ValidationError(
            _("This is your own profile. You can change it under “My profile”."), code="about_yourself"
        )
    with transaction.atomic():
        for refuse in BEFORE_REMOVING:
            refuse(user, by)
        person = User.objects.select_for_update().get(pk=user.pk)
        removed = [part for part in parts_of(person) if part in parts]
        if not removed:
            return Change.NONE
        _erase(person, removed)
        what = _("Removed from the profile: %(parts)s.") % {"parts": in_words(removed)}
        about = {"target": person, "what": what, "reason": reason.strip(), "is_personal": True}
        log_act(by=by, act="remove from profile", **about)
        notify_of_removal(user=person, parts=removed, reason=reason.strip())
        for follow in AFTER_REMOVING:
            follow(person, removed, by)
    return Change.MADE


def _erase(person: User, parts: Collection[ProfilePart]) -> None:
    if ProfilePart.PICTURE in parts:
        erase_picture(person)
    texts = dict.fromkeys((part.value for part in parts if part is not ProfilePart.PICTURE), "")
    if texts:
        User.objects.filter(pk=person.pk).update(**texts)
