"""The parts of a profile that can be removed. The name is none of them: it is in results."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ProfilePart(models.TextChoices):
    """By the columns of a person."""

    PICTURE = "picture", _("Picture")
    PROFESSION = "profession", _("Profession")
    BIO = "bio", _("Bio")


def parts_of(user: User) -> list[ProfilePart]:
    """Those that the profile has."""
    return [part for part in ProfilePart if getattr(user, part)]


def in_words(parts: Iterable[ProfilePart]) -> str:
    return ", ".join(str(part.label) for part in parts)
