from typing import Any, ClassVar, Literal

from django.http import Http404
from ninja import Query
from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, RowID, Slug, Words
from confbox.kit.api.pages import Page, Paging, page_of_list, page_of_places, page_of_rows, place_in
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.pagination import search_words
from confbox.kit.search import has_words
from conferences.members_in_order import page_at
from conferences.models import Conference, Membership, RosterEntry
from voting.campaigns.unreachable import Unreachable, order_of, place_of, unreachable_voters
from voting.desk.access import conference_with_slug
from voting.desk.roll_panels import ON_ROLL, UNREACHABLE, WAITING
from voting.desk.roll_views import lists_for, members_in
from voting.desk.unreachable import number_unreachable, sees_roster, why_unreachable
from voting.elections.figures.shown import shown_roll
from voting.elections.roll.actions import ensure_frozen
from voting.elections.roll.lists import entries_listed_later, waiting_entries
from voting.elections.roll.publication import Changed, members_off_roster, not_joined, roll_changes

router = ApiRouter("Organising: list of voters")
READ_MEMBERS = "conferences.view_membership"


class ChangeOfRoll(Answer):
    act: Literal["added", "removed"]
    at: Instant
    number: int = Field(description="How many voters.")
    reason: str = Field(description="All members read it.")

    EXAMPLE: ClassVar = {
        "act": "added",
        "at": "2027-04-10T09:30:00Z",
        "number": 1,
        "reason": "Was left off the roster.",
    }

    @classmethod
    def of(cls, changed: Changed) -> "ChangeOfRoll":
        change = changed.change
        return cls(act=change.act, at=change.at, number=changed.number, reason=change.reason)  # type: ignore[arg-type]


class ListOfVoters(Answer):
    fixed_at: Instant | None = Field(description="When voting opened; null before.")
    is_roster: bool = Field(description="Whether only those on the roster may vote.")
    lists: list[str] = Field(description="The lists of people that there are for you.")
    size: int | None = Field(description="How many could vote when voting opened.")
    late: int | None = Field(description="How many have joined since and may vote.")
    added: int | None
    removed: int | None
    on: int | None = Field(description="How many members are on it; null before, or while being counted.")
    off: int | None = Field(description="How many members are not on it.")
    not_joined: int | None = Field(description="Of those who may vote, how many have not joined.")
    digest: str
    unreachable: int
    changes: list[ChangeOfRoll]

    EXAMPLE: ClassVar = {
        "fixed_at": "2027-04-01T10:00:00Z",
        "is_roster": False,
        "lists": ["on", "off", "unreachable"],
        "size": 60,
        "late": 2,
        "added": 1,
        "removed": 0,
        "on": 63,
        "off": 0,
        "not_joined": 0,
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "unreachable": 1,
        "changes": [ChangeOfRoll.EXAMPLE],
    }


class VoterInList(Answer):
    member: RowID
    name: str
    email: str
    entered: Literal["", "frozen", "late", "added"] = Field(description="`frozen`: as voting opened.")

    EXAMPLE: ClassVar = {"member": 12, "name": "Bob Example", "email": "bob@example.org", "entered": "late"}

    @classmethod
    def of(cls, member: Membership) -> "VoterInList":
        entry = getattr(member, "roll_entry", None)
        entered: Any = str(entry.kind) if entry and entry.removed_at is None else ""
        return cls(member=member.pk, name=str(member), email=member.user.email, entered=entered)


class EntryOfVoter(Answer):
    entry: RowID = Field(description="The ID on the roster.")
    name: str
    email: str

    EXAMPLE: ClassVar = {"entry": 7, "name": "Ada Example", "email": "ada@example.org"}

    @classmethod
    def of(cls, entry: RosterEntry) -> "EntryOfVoter":
        return cls(entry=entry.pk, name=entry.name, email=entry.email)


class UnreachableVoter(Answer):
    name: str
    email: str
    why: str
    reply: str = Field(description="Of a mail server.")
    since: Instant
    entry: RowID | None = Field(description="On the roster, of one who has not joined; null for a member.")

    EXAMPLE: ClassVar = {
        "name": "Bob Example",
        "email": "bob@example.org",
        "why": "There is no such mailbox.",
        "reply": "550 5.1.1 unknown",
        "since": "2027-04-10T09:30:00Z",
        "entry": None,
    }

    @classmethod
    def of(cls, person: Unreachable) -> "UnreachableVoter":
        facts = person._asdict() | {"why": str(why_unreachable(person.reply))}
        return cls(**facts)


@router.get(
    "conferences/{slug}/organise/roll/",
    scope=Scope.ORGANISE_READ,
    answer=ListOfVoters,
    summary="The list of voters",
)
def list_of_voters(request: PersonRequest, slug: Slug) -> ListOfVoters:
    """Its numbers, and how it was changed since voting opened."""
    conference = _conference(request, slug)
    election = conference.election
    return ListOfVoters(
        fixed_at=election.roll_frozen_at,
        is_roster=election.only_roster_votes(),
        lists=list(lists_for(request, conference)),
        unreachable=number_unreachable(request, conference),
        changes=[ChangeOfRoll.of(each) for each in roll_changes(election)],
        **_numbers_of(conference),
    )


def _numbers_of(conference: Conference) -> dict[str, Any]:
    election, plain = conference.election, dict.fromkeys(("size", "late", "added", "removed", "on", "off"))
    if not election.roll_frozen_at:
        off = members_off_roster(election).count() if election.only_roster_votes() else 0
        return plain | {"off": off, "not_joined": not_joined(election), "digest": ""}
    counted = shown_roll(conference)
    if counted is None:
        return plain | {"not_joined": None, "digest": election.roll_digest}
    numbers = dict(counted.value)
    return {
        **numbers["figures"],
        "on": numbers["on"],
        "off": numbers["off"],
        "not_joined": numbers["waiting"],
    }


def _conference(request: PersonRequest, slug: str, show: str = "") -> Conference:
    """Where there is this list, for this person."""
    conference = conference_with_slug(request, slug, READ_MEMBERS)
    ensure_frozen(conference=conference)
    if show and show not in lists_for(request, conference):
        raise Http404
    return conference


@router.get(
    "conferences/{slug}/organise/roll/members/",
    scope=Scope.ORGANISE_READ,
    answer=Page[VoterInList],
    summary="Members who are on the list of voters, or not",
)
def voters(
    request: PersonRequest,
    slug: Slug,
    paging: Query[Paging],
    show: Literal["on", "off"] = "on",
    q: Words = "",
) -> Page[VoterInList]:
    """By name. Before voting opens, there is only the list of those who would be on it, or would not."""
    conference = _conference(request, slug, show)
    members, words = members_in(conference, show).select_related("user", "roll_entry"), search_words(request)
    are_most = show == ON_ROLL
    page = page_at(place_in(paging), conference, members, words, paging.limit, are_most=are_most)
    return page_of_places(page, VoterInList.of)


@router.get(
    "conferences/{slug}/organise/roll/entries/",
    scope=Scope.ORGANISE_READ,
    answer=Page[EntryOfVoter],
    summary="People on the roster who have not joined",
)
def voters_to_join(
    request: PersonRequest,
    slug: Slug,
    paging: Query[Paging],
    show: Literal["waiting", "listed"] = "waiting",
    q: Words = "",
) -> Page[EntryOfVoter]:
    """`waiting`: on the list of voters; `listed`: put on the roster since voting opened, so not on it."""
    conference = _conference(request, slug, show)
    entries = waiting_entries(conference) if show == WAITING else entries_listed_later(conference)
    found = entries.search(search_words(request))
    return page_of_rows(found, paging, order=("mailbox",), show=EntryOfVoter.of)


@router.get(
    "conferences/{slug}/organise/roll/unreachable/",
    scope=Scope.ORGANISE_READ,
    answer=Page[UnreachableVoter],
    summary="Voters who cannot be reached by email",
)
def unreachable_people(
    request: PersonRequest, slug: Slug, paging: Query[Paging], q: Words = ""
) -> Page[UnreachableVoter]:
    """Because mail servers refuse or return their emails. Not found once the vote is over."""
    conference = _conference(request, slug, UNREACHABLE)
    people, words = (
        unreachable_voters(conference, with_roster=sees_roster(request, conference)),
        search_words(request),
    )
    found = [person for person in people if has_words(f"{person.name} {person.email}", words)]
    return page_of_list(found, paging, place=place_of, key=order_of, show=UnreachableVoter.of)
