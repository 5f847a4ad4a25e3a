from typing import Any, ClassVar, Literal

from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Slug
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.panel_sentences import sentences_of
from conferences.api.outcomes import ActDone
from conferences.models import Conference
from voting.desk.access import conference_with_slug
from voting.desk.timetable_views import MAY_SWITCH
from voting.timetable import actions
from voting.timetable.panels import TimetableRow, timetable_of

router = ApiRouter("Organising: timetable")
States = Literal[
    "planned",
    "sent",
    "skipped",
    "reworded",
    "when_it_happens",
    "off",
    "waits_for_dates",
    "never",
    "too_old",
]


class EmailOfTimetable(Answer):
    kind: Slug
    label: str
    audience: str
    when: str
    state: States
    words: str = Field(description="The state in words, with the time.")
    can_be_switched: bool
    recipients: str = Field(description="How many would get it or got it; empty where that is not shown.")
    subject: str
    text: str

    EXAMPLE: ClassVar = {
        "kind": "opened",
        "label": "Voting has opened",
        "audience": "Members who may vote",
        "when": "When voting opens",
        "state": "planned",
        "words": "Planned for 1 April 2027, 12:00.",
        "can_be_switched": True,
        "recipients": "60 members",
        "subject": "You can vote now: Open Conf",
        "text": "Hello, …",
    }

    @classmethod
    def of(cls, row: TimetableRow, conference: Conference) -> "EmailOfTimetable":
        names = ("label", "audience", "when", "recipients")
        facts: dict[str, Any] = {name: str(getattr(row, name)) for name in names}
        return cls(
            kind=row.code,
            state=row.state.state,  # type: ignore[arg-type]
            words=" ".join(sentences_of(row.state, conference=conference)),
            can_be_switched=row.switch.state != "fixed",
            subject=row.draft.subject,
            text=row.draft.text,
            **facts,
        )


class Timetable(Answer):
    items: list[EmailOfTimetable]

    EXAMPLE: ClassVar = {"items": [EmailOfTimetable.EXAMPLE]}


class Switch(Input):
    is_on: bool

    EXAMPLE: ClassVar = {"is_on": False}


@router.get(
    "conferences/{slug}/organise/timetable/",
    scope=Scope.ORGANISE_READ,
    answer=Timetable,
    summary="The emails that the site sends for a vote",
)
def timetable(request: PersonRequest, slug: Slug) -> Timetable:
    """Each with its time, its text, and what became of it."""
    conference = conference_with_slug(request, slug)
    rows = timetable_of(conference, viewer=request.user)
    return Timetable(items=[EmailOfTimetable.of(row, conference) for row in rows])


@router.post(
    "conferences/{slug}/organise/timetable/{kind}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Switch an email of the timetable on or off",
    refusals=["This email was due already, so nothing was changed."],
)
def switch_notice(request: PersonRequest, slug: Slug, kind: Slug, form: Switch) -> ActDone:
    """`none` if it was so already."""
    conference = conference_with_slug(request, slug, MAY_SWITCH)
    is_on, by = form.is_on, actor_of(request)
    return ActDone.of(actions.switch_notice(conference=conference, kind=kind, by=by, is_on=is_on))
