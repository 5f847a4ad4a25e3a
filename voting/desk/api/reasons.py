"""The reason of an act, checked by the form of its page; times are those of the body, not of the form."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError


def reason_in(form: type[forms.BaseForm], text: str) -> str:
    """Raises ValidationError with the sentence of this form's field `reason`."""
    try:
        return str(form.base_fields["reason"].clean(text))  # type: ignore[attr-defined]
    except ValidationError as refusal:
        raise ValidationError({"reason": refusal}) from None


def to_the_minute(instant: datetime) -> datetime:
    """As a page lets it be entered."""
    return instant.replace(second=0, microsecond=0)
