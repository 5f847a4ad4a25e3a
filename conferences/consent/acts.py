"""What a second person can have to confirm: one object for each act, with all its parts.

An app registers its acts when the site starts. Their order is that of the switches of a series.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from confbox.kit.panels import Panel
from conferences.models import Conference, ConsentRequest
from conferences.series.consent.models import PERMISSIONS_OF_ACTS

HOURS = 24
Payload = Mapping[str, Any]
# Lazy, so that each reader gets it in their own language.
Text = str | Promise


# On a conference: rows that summaries name and that were found with those of other requests.
NAMED = "named_in_requests"


class ConsentAct:
    """Subclasses say what is asked for, and do it."""

    name: ClassVar[str]
    # The act whose switch this one follows; empty if it has a switch of its own.
    follows: ClassVar[str] = ""
    label: ClassVar[Text]
    help_text: ClassVar[Text]
    # What a person needs to confirm it.
    permissions: ClassVar[tuple[str, ...]]
    # The names and types of the values in a payload.
    values: ClassVar[Mapping[str, Any]]
    # Those of them that only note what it was about when it was asked for.
    noted: ClassVar[tuple[str, ...]] = ()
    # Whether members read the reason; otherwise the audit log, which outlives accounts, is without it.
    has_public_reason: ClassVar[bool] = True
    # Whether it is about one member, so that an observer does not read of it in the audit log.
    is_personal: ClassVar[bool] = True
    # What is the case once a request has ended without the act, if more changed than nothing.
    taken_back: ClassVar[Text] = ""
    # With the list items of what happens if it is confirmed.
    consequences: ClassVar[str]

    @property
    def switch(self) -> str:
        return self.follows or self.name

    def is_required(self, conference: Conference) -> bool:
        return bool(conference.series and self.switch in conference.series.needs_consent)

    def cleaned(self, payload: Any) -> dict[str, Any]:
        """Raises ValidationError for a payload that is not of this act."""
        is_complete = isinstance(payload, dict) and payload.keys() == self.values.keys()
        if not is_complete or not all(type(payload[name]) in _types(of) for name, of in self.values.items()):
            raise ValidationError(_("This request is incomplete. Please ask again."), code="already_ended")
        return dict(payload)

    def asks(self, payload: Payload) -> dict[str, Any]:
        """What is asked for, without what was only noted."""
        return {name: value for name, value in payload.items() if name not in self.noted}

    def subject(self, payload: Payload) -> str:
        """What the act is done to: of two requests about the same, one waits for the other."""
        raise NotImplementedError

    def summary(self, conference: Conference, payload: Payload) -> str:
        """What is asked for, as a short imperative, for those who may confirm it."""
        raise NotImplementedError

    def logged(self, conference: Conference, payload: Payload) -> str:
        """The same for the audit log, with `NAME` for the name of what it is about."""
        raise NotImplementedError

    def about(self, payload: Payload) -> models.Model | None:
        """The member or roster entry that it is about, which may be gone: it has only its ID."""
        return None

    def named(self, payload: Payload) -> models.Model | None:
        """The row whose name is in the summary, if the payload has its ID."""
        return self.about(payload)

    def facts(self, conference: Conference, payload: Payload) -> dict[str, Any]:
        """What the template of the consequences shows."""
        return {"conference": conference}

    def grounds(self, conference: Conference, payload: Payload) -> list[object]:
        """What the second person reads and decides on, as it is now. Numbers that grow are left out."""
        columns = ("title", "status", "starts_at", "ends_at", "time_zone", "place")
        return [self.summary(conference, payload), *(getattr(conference, name) for name in columns)]

    def lock(self, conference: Conference, payload: Payload) -> None:
        """Locks those grounds, as the first step of the verb does. They are read again after that."""

    def preview(self, conference: Conference, payload: Payload) -> Panel | None:
        """What the second person decides about, if they have to read it."""
        return None

    def concerns(self, conference: Conference, payload: Payload) -> User | None:
        """In whose own interest it is, so that they are not the second person."""
        return None

    def last_time(self, conference: Conference, payload: Payload) -> datetime | None:
        """When it can no longer be done, if that is known."""
        return None

    def meanwhile(self, conference: Conference, payload: Payload) -> str:
        """What is the case until the request has ended, if anything changes: “Until then, …”."""
        return ""

    def begin(self, asked: ConsentRequest, by: Actor) -> None:
        """What is done as soon as it is asked for, in the same transaction."""

    def end(self, asked: ConsentRequest, by: Actor) -> None:
        """Takes that back, when the request has ended and the act is not done."""

    def perform(self, *, conference: Conference, payload: Payload, reason: str, by: Actor) -> None:
        """Calls the verb, with `by.asked_by`, which asks the rules again.

        Raises:
            ValidationError: it is no longer possible.
        """
        raise NotImplementedError


def _types(of: Any) -> tuple[type, ...]:
    return of if isinstance(of, tuple) else (of,)


ACTS: dict[str, ConsentAct] = {}


def register(act: ConsentAct) -> None:
    ACTS[act.name] = act
    PERMISSIONS_OF_ACTS[act.name] = act.permissions


def with_switch() -> list[ConsentAct]:
    """The acts for each of which the owners of a series decide whether a second person confirms it."""
    return [act for act in ACTS.values() if not act.follows]


class ConsentNeeded(ValidationError):
    """A verb was called by one person where two are needed; all its other rules allow it."""

    def __init__(self, act: ConsentAct, conference: Conference, payload: Payload) -> None:
        super().__init__(_("A second person has to confirm this. Please ask for their confirmation."))
        self.act, self.conference, self.payload = act, conference, payload


def refuse_alone(name: str, conference: Conference, payload: Payload, by: Actor) -> None:
    """The last rule of a verb. Raises ConsentNeeded if a second person has to confirm, and none does."""
    act = ACTS[name]
    if by.is_alone and act.is_required(conference):
        raise ConsentNeeded(act, conference, payload)


def expiry_of(act: ConsentAct, conference: Conference, payload: Payload, *, now: datetime) -> datetime:
    """Until when a second person can confirm it: never after the time from which it can no longer be done."""
    latest = now + timedelta(hours=HOURS)
    return min(latest, act.last_time(conference, payload) or latest)


def is_required(name: str, conference: Conference) -> bool:
    return ACTS[name].is_required(conference)
