"""What the pages about a second person show, by their state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.permissions import Viewer
from confbox.kit.clock import database_now
from confbox.kit.panels import Panel
from confbox.kit.seen import version_of
from conferences.consent.acts import ACTS, NAMED, Payload, expiry_of
from conferences.local_times import in_zone
from conferences.models import Conference, ConsentRequest, Membership
from conferences.namesakes import full_title
from conferences.teams.organisers import organisers_of

NOTICE = "admin/conferences/consent/notice"
REQUEST_PANEL = "admin/conferences/consent/request_panel"
State = ConsentRequest.State
ENDED_SHOWN = 20


@dataclass(frozen=True)
class Shown:
    """A request as a row of a list or on its page."""

    request: ConsentRequest
    state: State
    is_own: bool

    @property
    def conference(self) -> str:
        return full_title(self.request.conference)

    @property
    def what(self) -> str:
        return ACTS[self.request.act].summary(self.request.conference, self.request.payload)


def notice_of(name: str, conference: Conference, payload: Payload, *, person: User) -> Panel | None:
    """On a form for this act: who would have to confirm it. None if no one has to."""
    act = ACTS[name]
    if not act.is_required(conference):
        return None
    others = organisers_of(conference, *act.permissions, but=[person, act.concerns(conference, payload)])
    until = in_zone(conference, expiry_of(act, conference, payload, now=database_now()))
    facts = {"others": others, "meanwhile": act.meanwhile(conference, payload), "until": until}
    return Panel(NOTICE, "to_be_asked" if others else "no_one", facts)


def shown_to(person: Viewer, requests: Any) -> list[Shown]:
    now, listed = database_now(), list(requests)
    load_named(listed)
    return [Shown(each, each.state(now), each.asked_by_id == person.pk) for each in listed]


def load_named(requests: Sequence[ConsentRequest]) -> None:
    """What their summaries name: by one query for each kind of row, and not for each request."""
    named: list[tuple[ConsentRequest, Any]]
    named = [(each, row) for each in requests if (row := ACTS[each.act].named(each.payload))]
    found: dict[Any, Any] = {}
    for model in {type(row) for _each, row in named}:
        rows: Any = model.objects.filter(pk__in={row.pk for _each, row in named if type(row) is model})
        rows = rows.select_related("user") if model is Membership else rows
        found |= {(model, row.conference_id, row.pk): row for row in rows}
    for each, row in named:
        known = found.get((type(row), each.conference_id, row.pk))
        vars(each.conference).setdefault(NAMED, {})[type(row), row.pk] = known


def waiting_in(conference: Conference, *, person: Viewer) -> list[Shown]:
    """Of what waits in this conference, what the person may know."""
    waiting = ConsentRequest.objects.filter(conference=conference).visible_to(person).waiting()
    return shown_to(person, waiting.select_related("conference__election", "asked_by"))


@dataclass(frozen=True)
class Asked:
    """A request, and who can answer it."""

    request: ConsentRequest
    what: str
    others: list[User]


def asked_in(conference: Conference, *, person: Viewer) -> list[Asked]:
    """What this person has asked for in the conference, as long as it waits."""
    own = ConsentRequest.objects.filter(conference=conference, asked_by=person.pk).waiting()
    return [asked_of(request) for request in own.select_related("conference__election", "concerns")]


def asked_of(request: ConsentRequest) -> Asked:
    act, conference = ACTS[request.act], request.conference
    others = organisers_of(conference, *act.permissions, but=[request.asked_by, request.concerns])
    return Asked(request, act.summary(conference, request.payload), others)


def overview_of(conference: Conference, *, person: Viewer) -> dict[str, list[Shown]]:
    """What waits in this conference, and what ended last, of what the person may know."""
    known = ConsentRequest.objects.filter(conference=conference).visible_to(person)
    known = known.select_related("conference__election", "asked_by", "answered_by")
    waiting = known.waiting()
    ended = known.exclude(pk__in=waiting.values("pk")).order_by("-pk")[:ENDED_SHOWN]
    return {"waiting": shown_to(person, waiting), "ended": shown_to(person, ended)}


def request_panel(request: ConsentRequest, *, person: Viewer) -> Panel:
    """For confirming, declining or withdrawing it; or how it ended."""
    act, [shown] = ACTS[request.act], shown_to(person, [request])
    facts = {"shown": shown, "asked": request, "conference": request.conference}
    if shown.state != State.WAITING:
        return Panel(REQUEST_PANEL, "over", facts)
    facts["meanwhile"] = act.meanwhile(request.conference, request.payload)
    facts |= {
        "preview": act.preview(request.conference, request.payload),
        "template": act.consequences,
        "act": act.facts(request.conference, request.payload),
        "seen": version_of(act.grounds(request.conference, request.payload)),
    }
    return Panel(REQUEST_PANEL, "own" if shown.is_own else "to_answer", facts)
