"""Rows of an import that match an existing conference with different dates."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from confbox.kit.local_time import last_minute, start_of_day
from conferences.changes.actions import record_move
from conferences.changes.dates import dates_of
from conferences.date_rules import refusals_of_dates
from conferences.models import Conference, Membership, RosterEntry

# If the dates are further apart, the same title is next year's conference.
MOST_DAYS = 62


class Moved(models.TextChoices):
    """What to do with such rows."""

    UPDATE = "update", gettext_lazy("move the existing conferences to the dates in the file")
    ADD = "add", gettext_lazy("add them as new conferences")
    SKIP = "skip", gettext_lazy("skip them")


@dataclass(frozen=True)
class MovedRow:
    line: int
    conference: Conference
    """As the file has it."""
    existing: Conference

    def move(self, *, by: Actor) -> None:
        """Changes only the dates of the existing conference; its vote keeps its times. Members are notified.

        Raises:
            ValidationError: the conference would end before its vote closes, or it has members and no one
                could be named to them.
        """
        # With its election, whose deadline has to be before the new end.
        both = Conference.objects.as_of_now().select_related("election").select_for_update()
        locked = both.get(pk=self.existing.pk)
        before, started_at = dates_of(locked), locked.starts_at
        first, last = days_of(self.conference)
        if locked.is_all_day:
            locked.starts_at, locked.ends_at = (
                start_of_day(first, locked.zone),
                last_minute(last, locked.zone),
            )
        else:
            locked.starts_at = _same_time_on(first, locked.starts_at, locked)
            locked.ends_at = _same_time_on(last, locked.ends_at, locked)
        _refuse_dates(locked, self.line)
        if not has_to_be_announced(locked):
            locked.save(update_fields=["starts_at", "ends_at", "updated_at"])
            return
        if by.person is None:
            said = _(
                "Line %(line)s (%(title)s): it has members, so move it in the admin, which notifies them."
            )
            raise ValidationError(said % {"line": self.line, "title": locked.title}, code="outdated")
        reason = _("The organisers have updated the dates.")
        record_move(locked, before=before, started_at=started_at, reason=reason, by=by)


def has_to_be_announced(conference: Conference) -> bool:
    is_ahead = conference.status == Conference.Status.ACTIVE and not conference.is_over()
    members = Membership.objects.current().filter(conference=conference)
    invited = RosterEntry.objects.invited().filter(conference=conference)
    return is_ahead and (members.exists() or invited.exists())


def _refuse_dates(conference: Conference, line: int) -> None:
    found = refusals_of_dates(
        starts_at=conference.starts_at,
        ends_at=conference.ends_at,
        closes_at=conference.election.closes_at,
        now=conference.now,
        zone=conference.zone,
    )
    if found:
        row = {"line": line, "title": conference.title, "reasons": " ".join(found.values())}
        raise ValidationError(_("Line %(line)s (%(title)s): %(reasons)s") % row, code="rows_refused")


def is_move(new: Conference, existing: Conference) -> bool:
    return new.starts_at != existing.starts_at and days_between(new, existing) <= MOST_DAYS


def days_between(new: Conference, existing: Conference) -> int:
    return abs((days_of(new)[0] - days_of(existing)[0]).days)


def days_of(conference: Conference) -> tuple[date, date]:
    zone = conference.zone
    return conference.starts_at.astimezone(zone).date(), conference.ends_at.astimezone(zone).date()


def _same_time_on(day: date, when: datetime, conference: Conference) -> datetime:
    local = when.astimezone(conference.zone).time()
    return datetime.combine(day, local, conference.zone).astimezone(UTC)
