from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.clock import database_now
from conferences.fields import LocalTimeField
from conferences.models import Conference, VotingState

TIMES = ("starts_at", "ends_at", "voting_opens_at", "voting_closes_at")
ENDS = ("ends_at", "voting_closes_at")
FIXED_IN = {
    VotingState.OPEN: ("voting_opens_at",),
    VotingState.CLOSED: ("voting_opens_at", "voting_closes_at"),
    VotingState.DECIDED: ("voting_opens_at", "voting_closes_at"),
}


class UnlabelledInput(forms.HiddenInput):
    """In the admin, which labels hidden fields, too, where HTML has labels for visible ones only."""

    def id_for_label(self, id_: str) -> str:
        return ""


class ConferenceForm(forms.ModelForm[Conference]):
    """What an organiser enters. Times are in the time zone that is entered with them.

    The form must be handled while the conference's row is locked: it refuses by what it sees.
    """

    version = forms.CharField(label="", widget=UnlabelledInput, required=False)

    class Meta:
        model = Conference
        fields = ["time_zone", *TIMES]
        field_classes = dict.fromkeys(TIMES, LocalTimeField)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = self.instance.as_of or database_now()
        self.fixed = FIXED_IN.get(self.instance.voting_state(self.now), ()) if self.instance.pk else ()
        self._offer_choices()
        self._set_zones()
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()

    def _offer_choices(self) -> None:
        zones = [(name, name) for name in sorted(available_timezones())]
        if "time_zone" in self.fields:
            self.fields["time_zone"].widget = forms.Select(choices=zones)
        if self.instance.pk and self.instance.memberships.exists() and "status" in self.fields:
            choices = [c for c in Conference.Status.choices if c[0] != Conference.Status.DRAFT]
            self.fields["status"].choices = choices  # type: ignore[attr-defined]

    def _set_zones(self) -> None:
        for name in TIMES:
            field = self.fields.get(name)
            if not isinstance(field, LocalTimeField):
                continue
            field.shown_in, field.entered_in = self.instance.zone, self._entered_zone()
            field.is_an_end = name in ENDS
            shown = self.instance.time_zone if self.instance.pk else _("the time zone chosen above")
            field.help_text = _("Time in %(zone)s.") % {"zone": shown}
            if name in self.fixed:
                field.widget.attrs["disabled"] = True
                field.help_text += " " + _("Fixed by now, because votes depend on it.")

    def _entered_zone(self) -> ZoneInfo:
        entered = self.data.get(self.add_prefix("time_zone"), "")
        return ZoneInfo(entered) if entered in available_timezones() else self.instance.zone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.fixed:
            if name in self.changed_data:
                self.add_error(name, self._refusal_of_fixed())
        self._keep_unchanged(cleaned)
        if "voting_closes_at" not in self.fixed:
            self._refuse_close_in_the_past(cleaned)
        self._refuse_stale(cleaned)
        return cleaned

    def _keep_unchanged(self, cleaned: dict[str, Any]) -> None:
        """A time that was not touched stays as it is: what the page shows of it can be read in two ways."""
        for name in TIMES:
            if self.instance.pk and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)

    def _refusal_of_fixed(self) -> str:
        if self.instance.voting_state() == VotingState.OPEN:
            return _("Voting has opened, so its opening can no longer be changed.")
        return _("Voting is over and the count is final, so its times can no longer be changed.")

    def _refuse_close_in_the_past(self, cleaned: dict[str, Any]) -> None:
        closes = cleaned.get("voting_closes_at")
        if closes and "voting_closes_at" in self.changed_data and closes <= self.now:
            self.add_error(
                "voting_closes_at",
                _("This moment has passed. To end voting at once, use “Close voting now” on its tally."),
            )

    def _refuse_stale(self, cleaned: dict[str, Any]) -> None:
        """Refuses what was typed on a page older than the row; sending it again is deliberate."""
        current = self.initial.get("version")
        if not current or cleaned.get("version") == current:
            return
        self.data = {**self.data.dict(), self.add_prefix("version"): current}  # type: ignore[attr-defined]
        differing = [str(self.fields[n].label or n) for n in self.changed_data if n != "version"]
        raise ValidationError(
            _(
                "Somebody else changed this conference while you were editing it. Nothing was saved. "
                "It differs from what you entered in: %(fields)s. Save again to store what is below."
            )
            % {"fields": ", ".join(differing) or "–"}
        )
