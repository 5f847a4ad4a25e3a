from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.clock import database_now
from confbox.kit.local_time_fields import LocalTimeField
from conferences.date_rules import refusals_of_dates
from conferences.models import Conference, VotingState

TIMES = ("starts_at", "ends_at", "voting_opens_at", "voting_closes_at")
ENDS = ("ends_at", "voting_closes_at")
WINDOW = ("voting_opens_at", "voting_closes_at")


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
        self.fixed = self._fixed_fields()
        self._offer_choices()
        self._set_zones()
        self._show_as_fixed()
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()

    def _fixed_fields(self) -> tuple[str, ...]:
        """What votes depend on: before voting opens nothing, then what could end or move it."""
        stored = self.instance
        if not stored.pk or stored.status == Conference.Status.DRAFT:
            return ()
        if stored.is_voting_open(self.now):
            return (*WINDOW, "time_zone", "status", "one_account_per_mailbox")
        has_opened = stored.voting_state(self.now) not in (VotingState.UNSCHEDULED, VotingState.SCHEDULED)
        return (*WINDOW, "one_account_per_mailbox") if has_opened else ()

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

    def _show_as_fixed(self) -> None:
        """A disabled input sends no value, and the stored one stays; another one is refused."""
        why = _("Fixed by now, because votes depend on it.")
        for name in self.fixed:
            field = self.fields.get(name)
            if field is None:
                continue
            field.widget.attrs["disabled"] = True
            field.help_text = f"{field.help_text} {why}".strip()
            field.disabled = self.is_bound and self.add_prefix(name) not in self.data

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
        self._refuse_strange_dates(cleaned)
        self._refuse_stale(cleaned)
        return cleaned

    def _keep_unchanged(self, cleaned: dict[str, Any]) -> None:
        """A time that was not touched stays as it is: what the page shows of it can be read in two ways."""
        for name in TIMES:
            if self.instance.pk and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)

    def _refuse_strange_dates(self, cleaned: dict[str, Any]) -> None:
        """Of what was typed now; what was stored before may stay."""
        zone = self._entered_zone()
        dates = {name: cleaned.get(f"voting_{name}") for name in ("opens_at", "closes_at")}
        dates |= {name: cleaned.get(name) for name in ("starts_at", "ends_at")}
        moved = {"starts_at": {"ends_at"}, "ends_at": {"voting_closes_at"}}
        changed = set(self.changed_data).union(*(moved.get(name, set()) for name in self.changed_data))
        for name, sentence in refusals_of_dates(**dates, now=self.now, zone=zone).items():
            if name in changed and name not in self.errors:
                self.add_error("ends_at" if name in self.fixed else name, sentence)

    def _refusal_of_fixed(self) -> str:
        if self.instance.voting_state(self.now) == VotingState.OPEN:
            return _(
                "Voting has opened, so this is fixed. To move its deadline or to close it early, use "
                "“Move the deadline” or “Close voting now” on its tally: they ask for a reason and "
                "notify all members."
            )
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
