"""What the acts of a vote have in common that a second person can have to confirm."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conferences.consent.acts import NAMED, ConsentAct, Payload
from conferences.models import Conference, Membership, RosterEntry
from voting.elections.election.actions import lock_election

READS = "voting.view_election"
FOLDER = "admin/voting/consent"


def _gone() -> ValidationError:
    return ValidationError(_("This person is no longer there, so nothing was changed."), code="gone")


def find_member(conference: Conference, number: int) -> Membership:
    found = Membership.objects.filter(conference=conference, pk=number).select_related("user", "conference")
    if (member := found.first()) is None:
        raise _gone()
    return member


def find_listed(conference: Conference, number: int) -> RosterEntry:
    found = RosterEntry.objects.filter(conference=conference, pk=number)
    found = found.select_related("conference", "membership__user")
    if (entry := found.first()) is None:
        raise _gone()
    return entry


def row_named(model: type[Any], conference: Conference, number: int) -> dict[str, Any]:
    """For a sentence; the name is None if the row is gone."""
    known = vars(conference).get(NAMED, {})
    if (model, number) in known:
        return {"name": known[model, number]}
    return {"name": model.objects.filter(conference=conference, pk=number).first()}


def time_in(text: str) -> datetime:
    """The time that a payload has as text. Raises ValidationError if it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("This is not a time."), code="time_refused") from None


class ElectionAct(ConsentAct):
    def is_required(self, conference: Conference) -> bool:
        """What was required when voting opened stays so until it is over; it can only become stricter."""
        return self.switch in conference.election.consent_at_opening or super().is_required(conference)

    def grounds(self, conference: Conference, payload: Payload) -> list[object]:
        """Also whether voting is open, which decides what follows."""
        election = conference.election
        return [*super().grounds(conference, payload), election.state(conference.now), election.closes_at]

    def lock(self, conference: Conference, payload: Payload) -> None:
        lock_election(conference.pk)

    def last_time(self, conference: Conference, payload: Payload) -> datetime | None:
        closes, election = conference.election.closes_at, conference.election
        return closes if closes and not election.is_count_final() and closes > election.now else None
