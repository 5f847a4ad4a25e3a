from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

YEARS = range(1970, 2200)


class LocalTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class LocalTimeField(forms.DateTimeField):
    """A time to the minute, entered and shown in a zone that the form gives to the field."""

    widget = LocalTimeInput
    # The zone of what is entered, and of what is shown: they differ while the zone itself changes.
    entered_in = shown_in = ZoneInfo("UTC")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"widget": LocalTimeInput})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return value.astimezone(self.shown_in).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(self.entered_in):
            moment = super().to_python(value)
        if moment is not None and moment.year not in YEARS:
            raise ValidationError(_("Please enter a year from 1970 to 2199."))
        return moment

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if data is None else data

    def has_changed(self, initial: datetime | None, data: Any) -> bool:
        """Whether the minute differs; what was not sent at all has not changed."""
        if data is None:
            return False
        try:
            entered = self.to_python(data)
        except ValidationError:
            return True
        return (initial and initial.replace(second=0, microsecond=0)) != entered
