from typing import Any, ClassVar, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, Words
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope, only_covered
from confbox.kit.pagination import search_words
from conferences import actions
from conferences.joining.guesses import counting_guesses
from conferences.models import Conference
from conferences.page_parts import with_membership_states
from conferences.views import listed

router = ApiRouter("Conferences")
ORDERS = {"upcoming": ("starts_at", "pk"), "past": ("-starts_at", "-pk"), "mine": ("-starts_at", "-pk")}
STATES = Literal["unscheduled", "scheduled", "open", "closed", "decided", "cancelled"]


class Voting(Answer):
    state: STATES
    opens_at: Instant | None
    closes_at: Instant | None

    EXAMPLE: ClassVar = {
        "state": "open",
        "opens_at": "2027-03-01T08:00:00Z",
        "closes_at": "2027-03-15T22:59:00Z",
    }

    @classmethod
    def of(cls, election: Any) -> "Voting":
        return cls(state=str(election.state()), opens_at=election.opens_at, closes_at=election.closes_at)  # type: ignore[arg-type]


class ConferenceInList(Answer):
    slug: Slug
    title: str
    topic: str
    place: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str = Field(description="The zone in which the conference takes place.")
    status: Literal["draft", "active", "inactive", "cancelled"]
    visibility: Literal["public", "unlisted", "members_only"]
    voting: Voting

    EXAMPLE: ClassVar = {
        "slug": "open-conf",
        "title": "Open Conf",
        "topic": "Open source",
        "place": "Berlin, Germany",
        "starts_at": "2027-05-01T07:00:00Z",
        "ends_at": "2027-05-02T16:00:00Z",
        "time_zone": "Europe/Berlin",
        "status": "active",
        "visibility": "public",
        "voting": Voting.EXAMPLE,
    }

    @classmethod
    def facts_of(cls, conference: Conference) -> dict[str, Any]:
        names = ("slug", "title", "topic", "place", "starts_at", "ends_at", "time_zone")
        choices = {"status": str(conference.status), "visibility": str(conference.visibility)}
        voting = Voting.of(conference.election)
        return {name: getattr(conference, name) for name in names} | choices | {"voting": voting}

    @classmethod
    def of(cls, conference: Conference) -> "ConferenceInList":
        return cls(**cls.facts_of(conference))


class OneConference(ConferenceInList):
    agenda: str = Field(description="In Markdown.")
    website: str
    stop_reason: str = Field(description="Why it does not take place; empty if it does.")
    membership: Literal["none", "member", "waiting", "voted"] = Field(
        description="Yours: `waiting` is for your vote, `voted` while voting is open."
    )

    EXAMPLE: ClassVar = ConferenceInList.EXAMPLE | {
        "agenda": "Talks about **free software**.",
        "website": "https://example.org/",
        "stop_reason": "",
        "membership": "waiting",
    }

    @classmethod
    def seen_by(cls, person: Any, conference: Conference) -> "OneConference":
        [(_conference, state)] = with_membership_states(person, [conference])
        return cls(
            **cls.facts_of(conference),
            agenda=conference.agenda,
            website=conference.website,
            stop_reason=conference.stop_reason,
            membership=state or "none",  # type: ignore[arg-type]
        )


class JoinRequest(Input):
    """What you need to join, if there is no other way for you."""

    code: str = Field("", max_length=60, description="A join code, as it was given to you.")

    EXAMPLE: ClassVar = {"code": ""}


class Joined(Answer):
    conference: Slug
    member_id: RowID = Field(description="Yours, such as in the list of members.")
    joined_at: Instant

    EXAMPLE: ClassVar = {"conference": "open-conf", "member_id": 12, "joined_at": "2027-02-01T09:30:00Z"}


@router.get(
    "conferences/",
    scope=Scope.READ,
    public=True,
    answer=Page[ConferenceInList],
    summary="List or search conferences",
)
def conferences(
    request: HttpRequest,
    paging: Query[Paging],
    show: Literal["upcoming", "past", "mine"] = "upcoming",
    q: Words = "",
) -> Page[ConferenceInList]:
    """The conferences that you find on the site: public ones and, with a token, those that you joined.

    Without a token, `mine` is empty.
    """
    rows = listed(request, show) if show != "mine" or request.user.is_authenticated else None
    if rows is None:
        return Page(items=[], next=None)
    rows = only_covered(request, rows.search(search_words(request)))
    return page_of_rows(rows, paging, order=ORDERS[show], show=ConferenceInList.of)


@router.get(
    "conferences/{slug}/", scope=Scope.READ, public=True, answer=OneConference, summary="One conference"
)
def conference(request: HttpRequest, slug: Slug) -> OneConference:
    """Its agenda, place, dates and voting, and whether you are a member."""
    visible = Conference.objects.as_of_now().visible_to(request.user).select_related("election")
    return OneConference.seen_by(request.user, get_object_or_404(visible, slug=slug))


@router.post(
    "conferences/{slug}/join/",
    scope=Scope.VOTE,
    answer=Joined,
    summary="Join a conference",
    refusals=["Open Conf is not open to new members."],
)
def join_conference(request: PersonRequest, slug: Slug, form: JoinRequest | None = None) -> Joined:
    """Makes you a member, if a rule of the conference admits you. Joining again changes nothing."""
    found = get_object_or_404(Conference.objects.visible_to(request.user), slug=slug)
    with counting_guesses(request):
        mine = actions.join_conference(conference=found, by=actor_of(request), code=form.code if form else "")
    return Joined(conference=slug, member_id=mine.pk, joined_at=mine.joined_at)
