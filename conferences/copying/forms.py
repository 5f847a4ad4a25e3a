from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from confbox.kit.local_time_fields import LocalTimeField
from conferences.copying.dates import FIELDS, Dates, dates_of, suggested_dates
from conferences.copying.names import suggested_slug, suggested_title
from conferences.local_times import in_zone
from conferences.models import Conference, Series
from conferences.teams.series_field import offer_series


def _field(name: str, **options: Any) -> Any:
    return Conference._meta.get_field(name).formfield(**options)  # type: ignore[union-attr]


class CopyForm(forms.Form):
    """What an organiser enters for a copy. It suggests the same weekdays a year later.

    The verb refuses values that the fields accept, by the names of the fields.
    """

    title = _field("title")
    slug = _field("slug")
    series = forms.ModelChoiceField(Series.objects.none(), label=gettext_lazy("Series"))
    starts_at = _field("starts_at", form_class=LocalTimeField)
    ends_at = _field("ends_at", form_class=LocalTimeField)
    voting_opens_at = LocalTimeField(label=gettext_lazy("Voting opens"), required=False)
    voting_closes_at = LocalTimeField(label=gettext_lazy("Voting closes"), required=False)
    with_roster = forms.BooleanField(required=False)

    def __init__(self, *args: Any, source: Conference, person: User, entries: int, **options: Any) -> None:
        suggested, self.weeks = suggested_dates(source, now=source.now)
        initial = {"series": source.series_id} | suggested.of_fields()
        super().__init__(*args, **options | {"initial": initial})
        self.source = source
        self._suggest_names(suggested)
        self._explain_dates()
        self._offer_series(person)
        self._offer_roster(entries)

    def _suggest_names(self, suggested: Dates) -> None:
        year = suggested.starts_at.astimezone(self.source.zone).year
        self.initial["title"] = suggested_title(self.source, year=year)
        self.initial["slug"] = suggested_slug(self.source, year=year)
        self.fields["slug"].help_text = _("Lower-case letters, digits and hyphens.")

    def _explain_dates(self) -> None:
        for name, old in dates_of(self.source).of_fields().items():
            field = self.fields[name]
            assert isinstance(field, LocalTimeField)
            field.shown_in = field.entered_in = self.source.zone
            field.is_an_end = name in ("ends_at", "voting_closes_at")
            before = _("Last time: %(time)s.") % {"time": in_zone(self.source, old)}
            zone = _("Time in %(zone)s.") % {"zone": self.source.time_zone}
            field.help_text = before if old else zone

    def _offer_series(self, person: User) -> None:
        field = self.fields["series"]
        assert isinstance(field, forms.ModelChoiceField)
        offer_series(field, user=person, conference=None)
        field.empty_label = _("Please choose") if field.required else _("None: only site organisers run it")
        field.help_text = _("Those in which you can create conferences.")

    def _offer_roster(self, entries: int) -> None:
        """Not for those who may not read it, nor where there is none."""
        if not entries:
            del self.fields["with_roster"]
            return
        label = ngettext("Copy the roster: %(n)d person", "Copy the roster: %(n)d people", entries)
        self.fields["with_roster"].label = label % {"n": entries}
        self.fields["with_roster"].help_text = _(
            "Their names, email addresses and references. No one counts as invited or joined. Select this "
            "only if these people belong to the new conference, too."
        )

    @property
    def choices(self) -> dict[str, Any]:
        """What `copy_conference` takes, once the form is valid."""
        chosen = dict(self.cleaned_data)
        dates = Dates(**{date: chosen.pop(name) for name, date in FIELDS.items()})
        return chosen | {"dates": dates}
