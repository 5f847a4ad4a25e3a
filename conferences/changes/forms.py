from copy import copy
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from confbox.kit.local_time import last_minute, start_of_day
from confbox.kit.local_time_fields import DayField, LocalTimeField
from confbox.kit.reason_fields import reason_field
from confbox.kit.seen import FIELD
from confbox.kit.text_fields import LongTextInput
from confbox.kit.time_zones import zone_choices
from confbox.kit.validators import time_zones, validate_one_line
from conferences.changes.dates import dates_of
from conferences.changes.rules import refusals_of_move
from conferences.date_rules import at_entered_fields
from conferences.history.models import LONGEST_REASON
from conferences.models import Conference
from conferences.versions import refuse_old_page, version_shown

DATES = ("time_zone", "starts_at", "ends_at", "place")


class ReasonForm(forms.Form):
    """Why the organisers do it, confirmed on the page that shows the consequences."""

    reason = reason_field(
        help_text=_("One sentence that all members read, in the email and on the page of the conference."),
        required=_("Please give a reason. All members will read it."),
        max_length=LONGEST_REASON,
        rows=2,
    )


class CorrectionForm(forms.Form):
    """What the reason of a change should have been."""

    # The change, and its reason as the person has read it.
    change = forms.IntegerField(widget=forms.HiddenInput)
    before = LongTextInput(required=False, widget=forms.HiddenInput)
    reason = reason_field(
        help_text=_("One sentence that all members can read on the page of the conference."),
        required=_("Please give a reason. All members can read it."),
        max_length=LONGEST_REASON,
        rows=2,
    )

    def __init__(self, *args: Any, row: Any, **options: Any) -> None:
        initial = {"change": row.pk, "before": row.reason, "reason": row.reason}
        super().__init__(*args, **options | {"initial": initial})


def _field(name: str, **options: Any) -> Any:
    return Conference._meta.get_field(name).formfield(**options)  # type: ignore[union-attr]


class DeletionForm(forms.Form):
    """The title, typed to confirm. The verb compares it."""

    title = forms.CharField(
        label=_("Title of the conference"),
        max_length=200,
        help_text=_("Type it to confirm."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )


class MergeForm(forms.Form):
    """The web address, typed to confirm: both may have the same title. The verb compares it."""

    address = forms.CharField(
        label=_("Web address of the conference that is deleted"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, duplicate: Conference, **options: Any) -> None:
        super().__init__(*args, **options)
        said = gettext("Type %(address)s to confirm.")
        self.fields["address"].help_text = said % {"address": duplicate.slug}


class MoveForm(ReasonForm):
    """When and where the conference takes place instead, in the time zone that is entered with it."""

    field_order = [*DATES, "reason"]
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    starts_at = _field("starts_at", form_class=LocalTimeField)
    ends_at = _field("ends_at", form_class=LocalTimeField)
    place = _field("place", validators=[validate_one_line])

    def __init__(self, *args: Any, conference: Conference, **options: Any) -> None:
        initial = {name: getattr(conference, name) for name in self.field_order[:-1]}
        super().__init__(*args, **{"initial": initial | self._dates_of(conference)} | options)
        self.fields["place"].widget.attrs["class"] = "vTextField"
        self.conference = conference
        self._set_zones(conference)

    def _dates_of(self, conference: Conference) -> dict[str, Any]:
        return {"starts_at": conference.starts_at, "ends_at": conference.ends_at}

    def _set_zones(self, conference: Conference) -> None:
        for name in ("starts_at", "ends_at"):
            field = self.fields[name]
            assert isinstance(field, LocalTimeField)
            field.shown_in, field.entered_in = conference.zone, self._entered_zone(conference)
            field.is_an_end = name == "ends_at"
            chosen = gettext("the time zone chosen above")
            field.help_text = gettext("Time in %(zone)s.") % {"zone": chosen}

    def _entered_zone(self, conference: Conference) -> ZoneInfo:
        entered = self.data.get("time_zone", "")
        return ZoneInfo(entered) if entered in time_zones() else conference.zone

    def clean(self) -> dict[str, Any]:
        """A time that was not touched stays to the second: what is shown ends with the minute."""
        entered = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            if name in entered and name not in self.changed_data:
                entered[name] = getattr(self.conference, name)
        self._refuse_dates()
        return entered

    def _refuse_dates(self) -> None:
        """Before their consequences are shown. Once confirmed, the verb refuses them: it knows a repeat."""
        if self.errors or "confirmed" in self.data:
            return
        for name, sentence in refusals_of_move(self._moved(), dates_of(self.conference)).items():
            self.add_error(name, sentence)
        if not self.errors:
            self._refuse_old_page()

    def _refuse_old_page(self) -> None:
        try:
            refuse_old_page(version_shown(self.conference), self.data.get(FIELD, ""))
        except forms.ValidationError as refusal:
            self.add_error(None, refusal)

    def _moved(self) -> Conference:
        """The conference as it would be, which is not stored."""
        moved = copy(self.conference)
        for name in DATES:
            setattr(moved, name, self.cleaned_data[name])
        return moved

    def dates(self) -> dict[str, str]:
        return dates_of(self._moved())


class MoveDaysForm(MoveForm):
    """For a conference of which only the days are known."""

    starts_at = DayField(label=_("First day"))
    ends_at = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("Leave it empty if the conference lasts one day."),
    )

    def _dates_of(self, conference: Conference) -> dict[str, Any]:
        """Without the last day of a single one: a change of the first then means both."""
        days = (conference.starts_at, conference.ends_at)
        first, last = (when.astimezone(conference.zone).date() for when in days)
        return {"starts_at": first, "ends_at": last if last != first else None}

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with a last day that was left empty is wrong with the first."""
        found = getattr(error, "error_dict", {field: error} if field else {})
        if not found or self.data.get("ends_at"):
            super().add_error(field, error)
            return
        for name, errors in at_entered_fields(found, {"ends_at": "starts_at"}).items():
            if name not in self.errors:
                super().add_error(name, errors)

    def _set_zones(self, conference: Conference) -> None:
        """A day is the same in every zone."""

    def clean(self) -> dict[str, Any]:
        entered = forms.Form.clean(self) or self.cleaned_data
        if not self.errors:
            first, zone = entered["starts_at"], ZoneInfo(entered["time_zone"])
            last = entered["ends_at"] or first
            entered |= {"starts_at": start_of_day(first, zone), "ends_at": last_minute(last, zone)}
            self._refuse_dates()
        return entered
