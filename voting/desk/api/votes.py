from datetime import date, datetime
from typing import Any, ClassVar, Literal

from django.db.models import F
from ninja import Query
from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Day, Instant, RowID, Slug, Words
from confbox.kit.api.pages import Page, Paging, page_of_places, page_of_rows, place_in
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope, only_covered
from confbox.kit.pagination import search_words
from conferences.members_in_order import page_at, sorted_after
from conferences.models import Conference, Membership
from voting.desk.access import conference_with_slug
from voting.desk.timeline import Timeline, timeline_of
from voting.desk.unreachable import number_unreachable
from voting.elections.election.models import Election
from voting.elections.figures.shown import shown_turnout
from voting.elections.models import WindowChange
from voting.elections.moderation.covering import shown_pitch
from voting.elections.receipts.actions import ensure_published
from voting.elections.tally import TallyResult
from voting.elections.window import changes_of_window

router = ApiRouter("Organising: votes")
VoteState = Literal["unscheduled", "scheduled", "open", "closed", "decided", "cancelled"]


class VoteInList(Answer):
    conference: Slug
    title: str
    state: VoteState
    opens_at: Instant | None
    closes_at: Instant | None
    has_rules: bool = Field(description="Voting does not open before its rules are set.")

    EXAMPLE: ClassVar = {
        "conference": "open-conf",
        "title": "Open Conf",
        "state": "open",
        "opens_at": "2027-04-01T10:00:00Z",
        "closes_at": "2027-04-20T10:00:00Z",
        "has_rules": True,
    }

    @classmethod
    def facts_of(cls, election: Election) -> dict[str, Any]:
        return {
            "conference": election.conference.slug,
            "title": election.conference.title,
            "state": election.state().value,
            "opens_at": election.opens_at,
            "closes_at": election.closes_at,
            "has_rules": election.rules_set_at is not None,
        }

    @classmethod
    def of(cls, election: Election) -> "VoteInList":
        return cls(**cls.facts_of(election))


class VotesOfHour(Answer):
    until: Instant
    votes: int

    EXAMPLE: ClassVar = {"until": "2027-04-02T10:00:00Z", "votes": 12}

    @classmethod
    def of(cls, step: tuple[datetime, int]) -> "VotesOfHour":
        return cls(until=step[0], votes=step[1])


class VotesOfDay(Answer):
    day: Day = Field(description="In the time zone of the conference.")
    votes: int
    so_far: int

    EXAMPLE: ClassVar = {"day": "2027-04-02", "votes": 12, "so_far": 30}

    @classmethod
    def of(cls, row: tuple[date, int, int]) -> "VotesOfDay":
        return cls(day=row[0], votes=row[1], so_far=row[2])


class ChangeOfWindow(Answer):
    id: RowID
    act: Literal["moved", "closed"]
    at: Instant
    closed_before: Instant = Field(description="The deadline before.")
    closes_at: Instant
    reason: str
    by: str
    confirmed_by: str = Field(description="The second person; empty if none was needed.")

    EXAMPLE: ClassVar = {
        "id": 3,
        "act": "moved",
        "at": "2027-04-10T09:30:00Z",
        "closed_before": "2027-04-20T10:00:00Z",
        "closes_at": "2027-04-22T10:00:00Z",
        "reason": "The site was down for a day.",
        "by": "Olga Example",
        "confirmed_by": "",
    }

    @classmethod
    def of(cls, change: WindowChange) -> "ChangeOfWindow":
        names = ("act", "at", "closed_before", "closes_at", "reason")
        facts: dict[str, Any] = {name: getattr(change, name) for name in names}
        confirmed = str(change.agreed_by) if change.agreed_by else ""
        return cls(id=change.pk, by=str(change.by), confirmed_by=confirmed, **facts)


class Turnout(VoteInList):
    votes: int | None = Field(description="Null while a large vote is being counted.")
    may_vote: int | None
    excluded: int | None
    not_joined: int | None = Field(description="Of those who may vote.")
    percent: float | None
    counted_at: Instant | None = Field(description="Of figures that are not those of now.")
    hours: list[VotesOfHour] = Field(
        description="When votes were cast. While voting is open, hours are joined until they have five votes."
    )
    days: list[VotesOfDay]
    unreachable: int = Field(description="Who may vote and cannot be reached by email.")
    window_changes: list[ChangeOfWindow]

    EXAMPLE: ClassVar = VoteInList.EXAMPLE | {
        "votes": 41,
        "may_vote": 60,
        "excluded": 0,
        "not_joined": 0,
        "percent": 68.3,
        "counted_at": None,
        "hours": [VotesOfHour.EXAMPLE],
        "days": [VotesOfDay.EXAMPLE],
        "unreachable": 1,
        "window_changes": [ChangeOfWindow.EXAMPLE],
    }

    @classmethod
    def figures_of(cls, turnout: TallyResult | None) -> dict[str, Any]:
        if turnout is None:
            return dict.fromkeys(("votes", "may_vote", "excluded", "not_joined", "percent", "counted_at"))
        names = ("votes", "excluded", "not_joined", "counted_at")
        more = {"may_vote": turnout.members, "percent": round(turnout.turnout, 1)}
        return {name: getattr(turnout, name) for name in names} | more

    @classmethod
    def curve_of(cls, timeline: Timeline | None) -> dict[str, Any]:
        return {
            "hours": [VotesOfHour.of(step) for step in timeline.hours] if timeline else [],
            "days": [VotesOfDay.of(row) for row in timeline.days] if timeline else [],
        }


class CandidateOfVote(Answer):
    member: RowID
    name: str
    headline: str = Field(description="Of the pitch; empty if there is none or it is hidden.")

    EXAMPLE: ClassVar = {"member": 12, "name": "Bob Example", "headline": "Less is more"}

    @classmethod
    def of(cls, member: Membership) -> "CandidateOfVote":
        pitch = shown_pitch(member)
        return cls(member=member.pk, name=str(member), headline=pitch.headline if pitch else "")


@router.get(
    "organise/votes/",
    scope=Scope.ORGANISE_READ,
    answer=Page[VoteInList],
    summary="List the votes that you run",
)
def managed_votes(request: PersonRequest, paging: Query[Paging]) -> Page[VoteInList]:
    """Of all conferences that are no drafts, those that start first."""
    found = Election.objects.managed_by(request.user).exclude(conference__status=Conference.Status.DRAFT)
    found = found.filter(conference__rehearses=None).select_related("conference")
    rows = only_covered(request, found.annotate(starts_at=F("conference__starts_at")), "conference")
    return page_of_rows(rows, paging, order=("starts_at", "pk"), show=VoteInList.of)


@router.get(
    "conferences/{slug}/organise/turnout/",
    scope=Scope.ORGANISE_READ,
    answer=Turnout,
    summary="The turnout of a vote",
)
def turnout(request: PersonRequest, slug: Slug) -> Turnout:
    """How many have voted and when: nothing that depends on whom members chose."""
    conference = conference_with_slug(request, slug)
    counted = shown_turnout(conference, ensure_published(conference))
    return Turnout(
        **Turnout.facts_of(conference.election),
        **Turnout.figures_of(counted),
        **Turnout.curve_of(timeline_of(conference) if counted else None),
        unreachable=number_unreachable(request, conference),
        window_changes=[ChangeOfWindow.of(each) for each in changes_of_window(conference)],
    )


@router.get(
    "conferences/{slug}/organise/candidates/",
    scope=Scope.ORGANISE_READ,
    answer=Page[CandidateOfVote],
    summary="The candidates of a vote",
)
def managed_candidates(
    request: PersonRequest, slug: Slug, paging: Query[Paging], q: Words = ""
) -> Page[CandidateOfVote]:
    """Those with a pitch; with a search, all whom it finds and who can be voted for. Never their votes."""
    conference, words = conference_with_slug(request, slug), search_words(request)
    found = Membership.objects.candidates().filter(conference=conference).select_related("user", "pitch")
    place = place_in(paging)
    if words:
        most = conference.members_are_listed
        page = page_at(place, conference, found, words, paging.limit, are_most=most)
    else:
        page = sorted_after(place, found.filter(pitch__isnull=False), paging.limit)
    return page_of_places(page, CandidateOfVote.of)
