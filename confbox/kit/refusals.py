"""The site's own words where Django's would reach people: “Ensure this value has at most 120 characters”."""

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


def register() -> None:
    MaxLengthValidator.message = ngettext_lazy(
        "This can have %(limit_value)d character at most, and has %(show_value)d.",
        "This can have %(limit_value)d characters at most, and has %(show_value)d.",
        "limit_value",
    )
    MinValueValidator.message = _("Please enter %(limit_value)s or more.")
    MaxValueValidator.message = _("Please enter %(limit_value)s or less.")
