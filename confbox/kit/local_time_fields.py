from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from confbox.kit.local_time import readings, start_of_day

YEARS = range(1970, 2200)


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    input_formats = ["%Y-%m-%d"]

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(_("Please enter a year from 1970 to 2199."))
        return day


class LocalTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class LocalTimeField(forms.DateTimeField):
    """A time to the minute, entered and shown in a time zone that the form sets on the field."""

    widget = LocalTimeInput
    # The zone in which it is entered and the zone in which it is shown; they differ while the zone itself
    # changes.
    entered_in = shown_in = ZoneInfo("UTC")
    # Which one is meant if clocks show the time twice: for an end, the later one.
    is_an_end = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"widget": LocalTimeInput})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return value.astimezone(self.shown_in).replace(tzinfo=None)
        return value

    def _shown(self, when: datetime) -> str:
        return when.astimezone(self.shown_in).strftime("%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        try:
            with timezone.override(self.entered_in):
                when = super().to_python(value)
        except ValidationError as refusal:
            if refusal.code != "ambiguous_timezone":
                raise
            when = self._on_a_day_of_two_times((refusal.params or {})["datetime"])
        if when is not None and when.year not in YEARS:
            raise ValidationError(_("Please enter a year from 1970 to 2199."))
        return when

    def _on_a_day_of_two_times(self, typed: datetime) -> datetime:
        """Reads a skipped midnight as the beginning of the day; any other skipped time is refused.

        Raises:
            ValidationError: clocks skip this time.
        """
        if found := readings(typed, self.entered_in):
            return found[-1 if self.is_an_end else 0]
        begins = start_of_day(typed.date(), self.entered_in)
        if typed.time() == time(0):
            return begins
        after = typed.replace(tzinfo=self.entered_in).astimezone(UTC).astimezone(self.entered_in)
        raise ValidationError(
            _(
                "Clocks in %(zone)s go forward on this day and skip this time. "
                "Please choose another, for example %(time)s."
            ),
            params={"zone": self.entered_in.key, "time": time_format(after, pgettext("time of day", "H:i"))},
        )

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if data is None else data

    def has_changed(self, initial: datetime | None, data: Any) -> bool:
        """Whether the minute differs; a field that was not sent has not changed."""
        if data is None:
            return False
        if initial and self.entered_in == self.shown_in and self._shown(initial) == data:
            return False
        try:
            entered = self.to_python(data)
        except ValidationError:
            return True
        return (initial and initial.replace(second=0, microsecond=0)) != entered
