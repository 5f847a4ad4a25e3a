"""What a second person can have to confirm while voting is open: whatever moves its end."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from confbox.kit.panels import Panel
from conferences.actions import lock_conference
from conferences.changes.actions import cancel_conference, reinstate_conference
from conferences.changes.consequences import of_cancelling, of_reinstating
from conferences.changes.rules import CANCELLING, REINSTATING
from conferences.consent.acts import Payload
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.election.models import VotingState
from voting.elections.election.two_people import WINDOW
from voting.elections.election_act import FOLDER, READS, ElectionAct, time_in
from voting.elections.tally import turnout_of
from voting.elections.window import close_early, move_deadline


class Window(ElectionAct):
    name = WINDOW
    label = gettext_lazy("Closing voting early, or moving its deadline")
    help_text = gettext_lazy(
        "While voting is open. This includes cancelling the conference, which ends the vote, and undoing "
        "that. Each vote can also require this by its own rules."
    )
    permissions = (READS, "conferences.change_conference")
    values: ClassVar = {"seen": str, "closes_at": (str, type(None))}
    is_personal = False
    consequences = f"{FOLDER}/window.html"

    def is_required(self, conference: Conference) -> bool:
        return conference.election.window_needs_consent or super().is_required(conference)

    def cleaned(self, payload: Any) -> dict[str, Any]:
        found = super().cleaned(payload)
        self._times(found)
        return found

    def _times(self, payload: Payload) -> tuple[datetime, datetime | None]:
        closes = payload["closes_at"]
        return time_in(payload["seen"]), time_in(closes) if closes else None

    def subject(self, payload: Payload) -> str:
        return "window"

    def summary(self, conference: Conference, payload: Payload) -> str:
        seen, closes = (in_zone(conference, time) for time in self._times(payload))
        if not closes:
            return _("Close voting now. Otherwise it would close on %(time)s.") % {"time": seen}
        return _("Move the deadline from %(old)s to %(new)s.") % {"old": seen, "new": closes}

    def logged(self, conference: Conference, payload: Payload) -> str:
        _seen, closes = self._times(payload)
        if closes is None:
            return _("closing voting now")
        return _("moving the deadline to %(time)s") % {"time": in_zone(conference, closes)}

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        seen, closes = self._times(payload)
        change = "close" if closes is None else "earlier" if closes < seen else "later"
        more = {"change": Panel(f"{FOLDER}/window", change), "turnout": turnout_of(conference)}
        return super().facts(conference, payload) | more

    def last_time(self, conference: Conference, payload: Payload) -> datetime | None:
        """Before a new time is entered, it is the deadline of the vote."""
        if not payload:
            return super().last_time(conference, payload)
        seen, closes = self._times(payload)
        return min(seen, closes or seen)

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        seen, closes = self._times(payload)
        if closes is None:
            close_early(conference=conference, reason=reason, by=by)
        else:
            move_deadline(conference=conference, closes_at=closes, seen=seen, reason=reason, by=by)


class _OfConference(ElectionAct):
    """Ends the vote or lets it go on, as a change of its window does, so it follows the switch of that."""

    follows = WINDOW
    help_text = ""
    permissions = Window.permissions
    values: ClassVar = {}
    is_personal = False
    consequences = f"{FOLDER}/cancelling.html"

    def concerns_vote(self, conference: Conference) -> bool:
        raise NotImplementedError

    def what_follows(self, conference: Conference) -> list[str]:
        raise NotImplementedError

    def is_required(self, conference: Conference) -> bool:
        is_asked_for = conference.election.window_needs_consent or super().is_required(conference)
        return self.concerns_vote(conference) and is_asked_for

    def subject(self, payload: Payload) -> str:
        return "conference"

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        return super().facts(conference, payload) | {"consequences": self.what_follows(conference)}

    def lock(self, conference: Conference, payload: Payload) -> None:
        lock_conference(conference.pk)


class Cancelling(_OfConference):
    """While voting is open it ends the vote, as closing early does."""

    name = CANCELLING
    label = gettext_lazy("Cancelling the conference while voting is open")

    def concerns_vote(self, conference: Conference) -> bool:
        return conference.election.is_open()

    def what_follows(self, conference: Conference) -> list[str]:
        return of_cancelling(conference)

    def summary(self, conference: Conference, payload: Payload) -> str:
        return _("Cancel the conference.")

    def logged(self, conference: Conference, payload: Payload) -> str:
        return _("cancelling the conference")

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        cancel_conference(conference=conference, reason=reason, by=by)


class Reinstating(_OfConference):
    """The vote goes on, and its deadline moves by the time that it has lost."""

    name = REINSTATING
    label = gettext_lazy("Holding a cancelled conference whose vote had opened")

    def concerns_vote(self, conference: Conference) -> bool:
        election = conference.election
        return election.state() == VotingState.CANCELLED and election.has_opened()

    def what_follows(self, conference: Conference) -> list[str]:
        return of_reinstating(conference)

    def summary(self, conference: Conference, payload: Payload) -> str:
        return _("Hold the cancelled conference after all.")

    def logged(self, conference: Conference, payload: Payload) -> str:
        return _("holding the cancelled conference after all")

    def last_time(self, conference: Conference, payload: Payload) -> datetime | None:
        return conference.starts_at

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        reinstate_conference(conference=conference, reason=reason, by=by)
