from typing import Any

from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.local_time_fields import LocalTimeField
from conferences.forms import TIMES, ConferenceForm
from conferences.models import Conference, RosterEntry
from voting.elections.election.models import Election, VotingState

WINDOW = {"voting_opens_at": "opens_at", "voting_closes_at": "closes_at"}
LIMITS = ("campaigns_per_candidate", "campaign_gap_hours", "reminder_limit")
# Fields of the form, and the columns of the election that they fill.
COLUMNS = WINDOW | {name: name for name in LIMITS}
# What members are notified of if it changes.
MOVED = (*TIMES, "time_zone", "place")
REFUSED_TO_MOVE = gettext_lazy(
    "People have joined or were invited, so this is fixed here. To change it, use “Change the dates or "
    "the place”, which asks for a reason and notifies them."
)
# Columns that are read or fixed while votes are cast; the rest of a conference changes without waiting for
# votes.
OF_THE_VOTE = frozenset([*COLUMNS, *TIMES, "time_zone", "one_account_per_mailbox", "members_are_listed"])


def _field(column: str, **options: Any) -> Any:
    return Election._meta.get_field(column).formfield(**options)  # type: ignore[union-attr]


class ConferenceAndElectionForm(ConferenceForm):
    """A conference with the window and the limits of its election, as one form.

    If a field in `OF_THE_VOTE` changes, the election must be locked as well.
    """

    ends = (*ConferenceForm.ends, "voting_closes_at")
    moves = ConferenceForm.moves | {"ends_at": {"voting_closes_at"}}
    voting_opens_at = _field("opens_at", form_class=LocalTimeField)
    voting_closes_at = _field("closes_at", form_class=LocalTimeField)
    campaigns_per_candidate = _field("campaigns_per_candidate", widget=AdminIntegerFieldWidget)
    campaign_gap_hours = _field("campaign_gap_hours", widget=AdminIntegerFieldWidget)
    reminder_limit = _field("reminder_limit", widget=AdminIntegerFieldWidget)

    def __init__(self, *args: Any, instance: Conference | None = None, **options: Any) -> None:
        self.election = instance.election if instance and instance.pk else Election()
        stored = {name: getattr(self.election, column) for name, column in COLUMNS.items()}
        initial = stored | (options.pop("initial", None) or {})
        super().__init__(*args, instance=instance, initial=initial, **options)
        self.fixed_for_members = self._fixed_for_members()
        self.fixed = tuple(dict.fromkeys((*self._fixed_for_votes(), *self.fixed_for_members)))
        self._show_as_fixed()

    def _version(self) -> str:
        return f"{super()._version()} {self.election.updated_at.isoformat()}"

    def _fixed_for_members(self) -> tuple[str, ...]:
        """What members are notified of: moving a published conference is an act of its own."""
        is_ahead = self.instance.status in Conference.PUBLISHED and not self.instance.is_over(self.now)
        return MOVED if is_ahead and (self.has_members or self._has_invited()) else ()

    def _has_invited(self) -> bool:
        """Those who were invited read about a move as well."""
        return RosterEntry.objects.invited().filter(conference=self.instance).exists()

    def _fixed_for_votes(self) -> tuple[str, ...]:
        """Fields that votes depend on: none before voting opens, then those that could end or move it."""
        stored = self.instance
        if not stored.pk or stored.status == Conference.Status.DRAFT:
            return ()
        if self.election.is_open(self.now):
            return (*WINDOW, "time_zone", "one_account_per_mailbox", "members_are_listed")
        has_opened = self.election.state(self.now) not in (VotingState.UNSCHEDULED, VotingState.SCHEDULED)
        return (*WINDOW, "one_account_per_mailbox") if has_opened else ()

    def _show_as_fixed(self) -> None:
        """A disabled input sends no value, so the stored one stays; any other value is refused."""
        for name in self.fixed:
            field = self.fields.get(name)
            if field is None:
                continue
            field.widget.attrs["disabled"] = True
            why = self._why_fixed(name)
            field.help_text = format_html("{} {}", field.help_text, why) if field.help_text else why
            field.disabled = self.is_bound and self.add_prefix(name) not in self.data

    def _why_fixed(self, name: str) -> str:
        """Where it can be changed elsewhere, with the link to that page."""
        if name in self.fixed_for_members:
            why = _(
                "People have joined or were invited, so this is changed on a page of its own, which "
                "notifies them."
            )
            return self._leading(why, "conferences_move", _("Change the dates or the place"))
        if name == "voting_closes_at" and self.election.is_open(self.now):
            why = _("Voting is open, so this is changed on a page of its own, which notifies all members.")
            return self._leading(why, "voting_election_move", _("Move the deadline"))
        return _("This can no longer be changed, because votes depend on it.")

    def _leading(self, why: str, page: str, label: str) -> str:
        url = reverse(f"admin:{page}", args=[self.instance.pk])
        return format_html('{} <a href="{}">{}</a>', why, url, label)

    def clean(self) -> dict[str, Any]:
        for name in self.fixed:
            if name in self.changed_data:
                self.add_error(name, self._refusal_of_fixed(name))
        if "voting_closes_at" not in self.fixed:
            self._refuse_close_in_the_past()
        return super().clean()

    def _keep_unchanged(self, cleaned: dict[str, Any]) -> None:
        super()._keep_unchanged(cleaned)
        for name, column in WINDOW.items():
            if self.instance.pk and name not in self.changed_data:
                cleaned[name] = getattr(self.election, column)

    def _dates(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        window = {column: cleaned.get(name) for name, column in WINDOW.items()}
        return super()._dates(cleaned) | window

    def _blamed(self, name: str) -> str:
        return "ends_at" if name in self.fixed else name

    def _refusal_of_fixed(self, name: str) -> str:
        if name in self.fixed_for_members:
            return str(REFUSED_TO_MOVE)
        if self.election.state(self.now) == VotingState.OPEN:
            return _(
                "Voting has opened, so this is fixed. To move the deadline or close "
                "voting early, use “Move the deadline” or “Close voting now” on the "
                "page “Turnout”: both ask for a reason and notify all members."
            )
        return _("Voting is over and the count is final, so its times can no longer be changed.")

    def _refuse_close_in_the_past(self) -> None:
        closes = self.cleaned_data.get("voting_closes_at")
        if closes and "voting_closes_at" in self.changed_data and closes <= self.now:
            self.add_error(
                "voting_closes_at",
                _(
                    "This time has passed. To end voting immediately, "
                    "use “Close voting now” on the page “Turnout”."
                ),
            )

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for name, column in COLUMNS.items():
            if name in self.cleaned_data:
                setattr(self.election, column, self.cleaned_data[name])
        refused = {column for name, column in COLUMNS.items() if name in self.errors}
        others = {field.name for field in Election._meta.fields} - {*COLUMNS.values()}
        try:
            self.election.full_clean(exclude=refused | others)
        except ValidationError as refusal:
            names = {column: name for name, column in COLUMNS.items()}
            for column, errors in refusal.error_dict.items():
                self.add_error(names.get(column), errors)

    def save_election(self, conference: Conference) -> None:
        """Stores the columns of the election. The conference has already been stored."""
        is_new, changed = (
            self.election.pk is None,
            [c for name, c in COLUMNS.items() if name in self.changed_data],
        )
        self.election.conference = conference
        if is_new:
            self.election.save(force_insert=True)
        elif changed:
            self.election.save(update_fields=[*changed, "updated_at"])
