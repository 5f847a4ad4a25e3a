from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from confbox.kit.clock import database_now
from confbox.kit.local_time_fields import LocalTimeField
from confbox.kit.text_fields import count_characters
from confbox.kit.three_way import digests_of, take_stored
from confbox.kit.time_zones import zone_choices
from confbox.kit.validators import time_zones
from conferences.contact import default_contact
from conferences.date_rules import refusals_of_dates
from conferences.local_times import in_zone
from conferences.models import Conference

ONE_LINE = ("title", "topic", "place", "contact_name")
TIMES = ("starts_at", "ends_at")
SHOWN_LENGTH = 200
"""Characters of a value that another organiser has stored."""


class UnlabelledInput(forms.HiddenInput):
    """For hidden fields in the admin, which labels them; HTML allows labels for visible fields only."""

    def id_for_label(self, id_: str) -> str:
        return ""


class ConferenceForm(forms.ModelForm[Conference]):
    """What an organiser enters. Times are in the time zone that is entered with them.

    Process the form while the conference's row is locked: it validates against what it reads.
    """

    ends: tuple[str, ...] = ("ends_at",)
    # Which other field is validated again when this one changes.
    moves = {"starts_at": {"ends_at"}}
    version = forms.CharField(label="", widget=UnlabelledInput, required=False)

    class Meta:
        model = Conference
        fields = ["time_zone", *TIMES]
        field_classes = dict.fromkeys(TIMES, LocalTimeField)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        count_characters(*(self.fields[name] for name in ONE_LINE if name in self.fields))
        self.now = self.instance.as_of or database_now()
        self.has_members = bool(self.instance.pk) and self.instance.memberships.exists()
        if "time_zone" in self.fields:
            self._offer_zones()
        self._set_zones()
        self._explain_contact()
        if not self.instance.has_dates:
            self.initial.update(dict.fromkeys(TIMES))
        if self.instance.pk:
            self.initial["version"] = f"{self._version()} {digests_of(self)}"
        self.is_stale = False
        self.conflicts: list[str] = []

    def _version(self) -> str:
        return self.instance.updated_at.isoformat()

    def _offer_zones(self) -> None:
        is_known = self.is_bound or self.instance.pk or self.initial.get("time_zone")
        # A script chooses the browser's.
        attributes = {} if is_known else {"data-time-zone": ""}
        self.fields["time_zone"].widget = forms.Select(choices=zone_choices(), attrs=attributes)

    def _explain_contact(self) -> None:
        """What is shown where these fields are left empty; the owner may not know that it is shown."""
        texts = {
            "contact_name": _(
                "Shown on the page of the conference and in its emails. If you leave it empty: the name of "
                "the owner of the conference, else of who created it, else of the owner of its series."
            ),
            "contact_email": _(
                "Public: everyone who opens the page sees it, and replies to all emails of the conference go "
                "there. If you leave it empty: the address of that person's account. Then recipients of its "
                "emails and everyone who is logged in can see that one."
            ),
        }
        default = default_contact(self.instance) if self.instance.pk else None
        for name in texts.keys() & self.fields.keys():
            self.fields[name].help_text = texts[name]
            if default:
                self.fields[name].widget.attrs["placeholder"] = getattr(default, name.partition("_")[2])

    def _set_zones(self) -> None:
        for name, field in self.fields.items():
            if not isinstance(field, LocalTimeField):
                continue
            field.shown_in, field.entered_in = self.instance.zone, self._entered_zone()
            field.is_an_end = name in self.ends
            shown = self.instance.time_zone if self.instance.pk else _("the time zone chosen above")
            field.help_text = _("Time in %(zone)s.") % {"zone": shown}

    def _entered_zone(self) -> ZoneInfo:
        entered = self.data.get(self.add_prefix("time_zone"), "")
        return ZoneInfo(entered) if entered in time_zones() else self.instance.zone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._keep_unchanged(cleaned)
        self._refuse_strange_dates(cleaned)
        self._refuse_stale()
        return cleaned

    def _keep_unchanged(self, cleaned: dict[str, Any]) -> None:
        """Keeps a time that was not touched: its displayed value can be ambiguous."""
        for name in TIMES:
            if self.instance.pk and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)

    def _refuse_strange_dates(self, cleaned: dict[str, Any]) -> None:
        """Checks only what was entered now; what was stored before may stay."""
        dates = self._dates(cleaned)
        changed = set(self.changed_data).union(*(self.moves.get(name, set()) for name in self.changed_data))
        for name, sentence in refusals_of_dates(**dates, now=self.now, zone=self._entered_zone()).items():
            if name in changed and name not in self.errors:
                self.add_error(self._blamed(name), sentence)

    def _dates(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {name: cleaned.get(name) for name in TIMES}

    def _blamed(self, name: str) -> str:
        """The field at which to show an error of this one."""
        return name

    def full_clean(self) -> None:
        """What the person did not touch takes what is stored now, if the form is older than the row."""
        if self.is_bound and self.instance.pk and not self.is_stale:
            key = self.add_prefix("version")
            stamp, _sep, shown = str(self.data.get(key, "")).partition(" {")
            if stamp != self._version():
                self.is_stale, self.conflicts = True, take_stored(self, f"{{{shown}")
                self.data[key] = self.initial["version"]  # type: ignore[index]
        super().full_clean()

    def has_other_errors(self) -> bool:
        """Whether there is more to correct than that it is older than the row."""
        of_age = {NON_FIELD_ERRORS, *self.conflicts}
        return any(name not in of_age or len(found) > 1 for name, found in self.errors.items())

    def _refuse_stale(self) -> None:
        """Refuses a form that is older than the row; sending it again is deliberate."""
        if not self.is_stale:
            return
        for name in self.conflicts:
            if name not in self.errors:
                self.add_error(
                    name, _("This has been changed meanwhile. It is now: %(value)s") % self._now(name)
                )
        raise ValidationError(self._why_stale())

    def _now(self, name: str) -> dict[str, str]:
        value = self[name].initial
        if isinstance(value, datetime):
            value = in_zone(self.instance, value)
        return {"value": Truncator(value if value not in (None, "") else "–").chars(SHOWN_LENGTH)}

    def _why_stale(self) -> str:
        said = _(
            "This conference has changed since you opened this page, through another organiser or in another "
            "tab of yours, so nothing was saved."
        )
        if not self.conflicts:
            then = _("What you entered is below, with what the others have changed. Save again to store it.")
            return f"{said} {then}"
        labels = ", ".join(str(self.fields[name].label or name) for name in self.conflicts)
        then = _(
            "You and they have changed: %(fields)s. Compare what you entered with what is stored now, and "
            "save again to replace it."
        )
        return f"{said} {then % {'fields': labels}}"
