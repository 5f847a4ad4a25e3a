from typing import Any, ClassVar, Literal

from ninja import Query
from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, RowID, Slug, Words
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope, only_covered
from confbox.kit.pagination import search_words
from conferences.api.conferences import ConferenceInList
from conferences.api.doors import managed
from conferences.models import Conference
from conferences.organising.checklist import Line, lines_of, look_at, refusals_of
from conferences.organising.saying import in_words, run_by
from conferences.organising.tabs import READ
from conferences.versions import version_shown

router = ApiRouter("Organising: conferences")
NEWEST = ("-starts_at", "-pk")


class ManagedInList(ConferenceInList):
    id: RowID
    series: str = Field(description="The name of its series; empty if it is in none.")
    has_dates: bool = Field(description="If false, its dates are not set yet; those shown stand in for them.")

    EXAMPLE: ClassVar = ConferenceInList.EXAMPLE | {"id": 7, "series": "Open Conf", "has_dates": True}

    @classmethod
    def facts_of(cls, conference: Conference) -> dict[str, Any]:
        series = str(conference.series) if conference.series else ""
        own = {"id": conference.pk, "series": series, "has_dates": conference.has_dates}
        return super().facts_of(conference) | own

    @classmethod
    def of(cls, conference: Conference) -> "ManagedInList":
        return cls(**cls.facts_of(conference))


class CheckLine(Answer):
    name: str
    title: str
    state: Literal["done", "to_do", "refuses", "not_needed", "unknown"] = Field(
        description="`refuses`: voting would not open, or no one could vote."
    )
    words: str

    EXAMPLE: ClassVar = {
        "name": "joining",
        "title": "Who may join",
        "state": "done",
        "words": "Everyone with an account.",
    }

    @classmethod
    def of(cls, line: Line) -> "CheckLine":
        return cls(name=line.name, title=line.title, state=line.state.value, words=line.words)


class ManagedConference(ManagedInList):
    agenda: str = Field(description="In Markdown.")
    website: str
    stop_reason: str
    members_are_listed: bool
    one_account_per_mailbox: bool
    checklist: list[CheckLine]
    missing: str = Field(description="Why voting will not open yet, in words; empty if it will.")
    seen: str = Field(description="The version of this. An act can name it, to be refused if it has changed.")

    EXAMPLE: ClassVar = ManagedInList.EXAMPLE | {
        "agenda": "Talks about **free software**.",
        "website": "https://example.org/",
        "stop_reason": "",
        "members_are_listed": True,
        "one_account_per_mailbox": False,
        "checklist": [CheckLine.EXAMPLE],
        "missing": "",
        "seen": "2c26b46b68ffc68ff99b453c1d304134",
    }

    @classmethod
    def seen_by(cls, person: Any, conference: Conference) -> "ManagedConference":
        look = look_at(person, conference)
        lines = lines_of(look)
        missing = refusals_of(look, lines)
        columns = ("agenda", "website", "stop_reason", "members_are_listed", "one_account_per_mailbox")
        return cls(
            **cls.facts_of(conference),
            **{name: getattr(conference, name) for name in columns},
            checklist=[CheckLine.of(line) for line in lines],
            missing=in_words(missing) if missing else "",
            seen=version_shown(conference),
        )


def managed_one(request: PersonRequest, slug: str) -> ManagedConference:
    """As it is now, with all that the checklist asks."""
    found = managed(request, slug, READ)
    return ManagedConference.seen_by(request.user, run_by(request.user).get(pk=found.pk))


@router.get(
    "organise/conferences/",
    scope=Scope.ORGANISE_READ,
    answer=Page[ManagedInList],
    summary="List or search the conferences that you run",
)
def managed_conferences(
    request: PersonRequest,
    paging: Query[Paging],
    status: Literal["any", "draft", "active", "inactive", "cancelled"] = "any",
    q: Words = "",
) -> Page[ManagedInList]:
    """All in whose team you are, also by a series; those of the whole site for its organisers. Newest first.

    Without rehearsals.
    """
    rows = only_covered(request, run_by(request.user).real().search(search_words(request), in_series=True))
    rows = rows if status == "any" else rows.filter(status=status)
    return page_of_rows(rows, paging, order=NEWEST, show=ManagedInList.of)


@router.get(
    "conferences/{slug}/organise/",
    scope=Scope.ORGANISE_READ,
    answer=ManagedConference,
    summary="One conference that you run, with its checklist",
)
def managed_conference(request: PersonRequest, slug: Slug) -> ManagedConference:
    """What is done, what is missing before voting opens, and the version to name in acts."""
    return managed_one(request, slug)
