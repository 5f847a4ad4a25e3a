from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from confbox.kit.local_time_fields import DayField, LocalTimeField
from confbox.kit.text_fields import count_characters
from confbox.kit.time_zones import named, zone_choices, zones_of_place
from confbox.kit.validators import time_zones
from conferences.copying.dates import Dates
from conferences.creating.dates import suggested_window, tomorrow_morning, with_days
from conferences.creating.who import Who, who_of
from conferences.date_rules import at_entered_fields
from conferences.models import Conference, Series
from conferences.teams.series_field import offer_series
from conferences.teams.time_zones import usual_zone


def _field(name: str, **options: Any) -> Any:
    return Conference._meta.get_field(name).formfield(**options)  # type: ignore[union-attr]


class WhatForm(forms.Form):
    """What and where. The time zone follows from the place, or is asked for if it does not."""

    title = _field("title")
    place = _field("place", required=True)
    series = forms.ModelChoiceField(Series.objects.none(), label=gettext_lazy("Series"))
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    # Filled in by a script.
    browser_zone = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""})
    )

    def __init__(
        self, *args: Any, person: User, conference: Conference | None = None, **options: Any
    ) -> None:
        names = ("title", "place", "time_zone")
        initial = {name: getattr(conference, name) for name in names} if conference else {}
        super().__init__(*args, **options | {"initial": initial})
        self.person, self.conference = person, conference
        count_characters(self.fields["title"], self.fields["place"])
        self._offer_zones([])
        self._offer_series()

    def _offer_zones(self, zones: Iterable[str]) -> None:
        every, near = zone_choices(), named(zones)
        groups: list[Any] = [("", _("The one of the place"))]
        groups += [(_("Time zones of this place"), near)] if near else []
        self.fields["time_zone"].choices = [*groups, (_("All time zones"), every)]  # type: ignore[attr-defined]

    def _offer_series(self) -> None:
        field = self.fields["series"]
        assert isinstance(field, forms.ModelChoiceField)
        if self.conference is None:
            offer_series(field, user=self.person, conference=None)
            field.empty_label = (
                _("Please choose") if field.required else _("None: only site organisers run it")
            )
        offered = list(field.queryset or [])
        is_only_choice = field.required and len(offered) == 1
        if self.conference or is_only_choice or not offered:
            self.only_series = offered[0] if is_only_choice else None
            del self.fields["series"]

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        has_moved = self.conference and "place" in self.changed_data and "time_zone" not in self.changed_data
        if "place" in entered and "time_zone" in entered and (has_moved or not entered["time_zone"]):
            self._find_zone(entered)
        return entered

    def _find_zone(self, entered: dict[str, Any]) -> None:
        zones, usual = zones_of_place(entered["place"]), self._usual_zone(entered)
        if len(zones) == 1 or (not zones and usual):
            entered["time_zone"] = zones[0] if zones else usual
            return
        chosen = usual if usual in zones else next(iter(zones), "")
        self._offer_zones(zones)
        self.data = {**self.data.dict(), "time_zone": chosen}  # type: ignore[attr-defined]
        several = _("Clocks differ within this place. Please check the time zone.")
        unknown = _("The time zone does not follow from this place. Please choose it.")
        self.add_error("time_zone", several if zones else unknown)

    def _usual_zone(self, entered: dict[str, Any]) -> str:
        if self.conference:
            return str(self.conference.time_zone)
        browser = entered.get("browser_zone", "")
        return usual_zone(self.person) or (browser if browser in time_zones() else "")

    @property
    def fixed_series(self) -> Series | None:
        """The series that is not asked for, because there is no choice."""
        return self.conference.series if self.conference else getattr(self, "only_series", None)

    @property
    def choices(self) -> dict[str, Any]:
        chosen = {name: self.cleaned_data[name] for name in ("title", "place", "time_zone")}
        if self.conference:
            return chosen
        series = self.cleaned_data["series"] if "series" in self.fields else self.only_series
        return chosen | {"series": series}


class Opens(models.TextChoices):
    WHEN_PUBLISHED = "when_published", gettext_lazy("As soon as the conference is published")
    AT_A_TIME = "at_a_time", gettext_lazy("At a time that you choose")


class WhenForm(forms.Form):
    """The days of the conference. Where no voting times are entered, they follow from them."""

    # What is asked for here, by the dates that follow from it.
    DAYS: ClassVar = {"starts_at": "first_day", "ends_at": "last_day"}

    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Leave it empty if the conference lasts one day."),
    )
    opens = forms.ChoiceField(
        label=gettext_lazy("When does voting open?"),
        choices=Opens.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    voting_opens_at = LocalTimeField(label=gettext_lazy("Voting opens"), required=False)
    voting_closes_at = LocalTimeField(label=gettext_lazy("Voting closes"), required=False)

    def __init__(self, *args: Any, conference: Conference, **options: Any) -> None:
        self.conference, zone = conference, conference.zone
        initial: dict[str, Any] = {"opens": Opens.AT_A_TIME}
        if conference.has_dates:
            days = {"first_day": conference.starts_at, "last_day": conference.ends_at}
            initial |= {name: when.astimezone(zone).date() for name, when in days.items()}
            election = conference.election
            initial |= {"voting_opens_at": election.opens_at, "voting_closes_at": election.closes_at}
            if election.opens_when_published():
                initial |= {"opens": Opens.WHEN_PUBLISHED, "voting_opens_at": None}
        super().__init__(*args, **options | {"initial": initial})
        for name in ("voting_opens_at", "voting_closes_at"):
            field = self.fields[name]
            assert isinstance(field, LocalTimeField)
            field.shown_in = field.entered_in = zone
            field.is_an_end = name == "voting_closes_at"

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return entered
        first: date = entered["first_day"]
        last: date = entered["last_day"] or first
        if last < first:
            self.add_error("last_day", _("A conference cannot end before it starts."))
            return entered
        entered["dates"] = self._dates(first, last, entered)
        return entered

    def _dates(self, first: date, last: date, entered: dict[str, Any]) -> Dates | None:
        days = with_days(self.conference, first, last)
        if days.starts_at <= self.conference.now:
            self.add_error("first_day", _("Please choose a day that is still to come."))
            return None
        now, zone = self.conference.now, self.conference.zone
        opens, closes = self._opening(entered), entered["voting_closes_at"]
        if closes:
            return replace(days, opens_at=opens or tomorrow_morning(now, zone), closes_at=closes)
        if opens and opens >= days.ends_at:
            self.add_error("voting_opens_at", _("Voting has to open before the conference ends."))
            return None
        found = suggested_window(days, now=now, zone=zone, opens_at=opens)
        if found is None:
            self.add_error(
                "voting_closes_at" if opens else "voting_opens_at",
                _("The conference starts too soon to suggest times for the vote. Please enter them."),
            )
        return found

    @property
    def derived(self) -> dict[str, str]:
        """The dates that were left empty, and those from which they follow, as the verb names them."""
        entered = self.cleaned_data
        opens, closes = entered["voting_opens_at"], entered["voting_closes_at"]
        found = {} if entered["last_day"] else {"ends_at": "starts_at"}
        if not opens and entered["opens"] != Opens.WHEN_PUBLISHED:
            found["voting_opens_at"] = "voting_closes_at" if closes else "starts_at"
        if not closes:
            found["voting_closes_at"] = "voting_opens_at" if opens else "starts_at"
        return found

    def named(self, refusal: ValidationError) -> ValidationError:
        """What the verb refuses, by the names of these fields."""
        if not hasattr(refusal, "error_dict"):
            return refusal
        found = at_entered_fields(refusal.error_dict, self.derived)
        return ValidationError({self.DAYS.get(name, name): errors for name, errors in found.items()})

    def _opening(self, entered: dict[str, Any]) -> datetime | None:
        """A time that has come, for a vote that opens as soon as the conference is published."""
        election, now = self.conference.election, self.conference.now
        if entered["opens"] != Opens.WHEN_PUBLISHED:
            return entered["voting_opens_at"]  # type: ignore[no-any-return]
        return election.opens_at if election.opens_when_published() else now.replace(second=0, microsecond=0)


class WhoForm(forms.Form):
    who = forms.ChoiceField(
        label=gettext_lazy("Who may join?"), choices=Who.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, conference: Conference, **options: Any) -> None:
        super().__init__(*args, **options | {"initial": {"who": who_of(conference)}})
