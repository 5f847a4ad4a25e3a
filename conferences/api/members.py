from typing import Any, ClassVar, Literal

from ninja import Query
from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, RowID, Slug, Words
from confbox.kit.api.pages import Page, Paging, page_of_places, place_in
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.pagination import search_words
from conferences.api.doors import managed, member_or_reader
from conferences.members_in_order import page_at
from conferences.models import Membership
from conferences.views import members_are_for_members

router = ApiRouter("Members")
LISTERS = "conferences.view_membership"
SHOWN: dict[str, dict[str, Any]] = {
    "current": {"left_at": None},
    "left": {"left_at__isnull": False},
    "excluded": {"excluded_at__isnull": False},
    "all": {},
}


class MemberInList(Answer):
    id: RowID = Field(description="Of the membership: what a vote names.")
    name: str
    profession: str = Field(description="Empty if the member does not show it.")

    EXAMPLE: ClassVar = {"id": 12, "name": "Bob Example", "profession": "Engineer"}

    @classmethod
    def facts_of(cls, member: Membership) -> dict[str, Any]:
        profile = member.profile
        return {"id": member.pk, "name": str(profile), "profession": profile.shown_profession}

    @classmethod
    def of(cls, member: Membership) -> "MemberInList":
        return cls(**cls.facts_of(member))


@router.get(
    "conferences/{slug}/members/",
    scope=Scope.READ,
    answer=Page[MemberInList],
    summary="List or search members",
)
def members(request: PersonRequest, slug: Slug, paging: Query[Paging], q: Words = "") -> Page[MemberInList]:
    """In alphabetical order, without members who chose not to be listed. For members, and for the team."""
    viewer = member_or_reader(request, slug, members_are_for_members, LISTERS)
    conference = viewer.conference
    found = Membership.objects.listed_for(viewer).select_related("user")
    words, most = search_words(request), conference.members_are_listed
    page = page_at(place_in(paging), conference, found, words, paging.limit, are_most=most)
    return page_of_places(page, MemberInList.of)


class ManagedMember(Answer):
    """A member as the team sees them; never whom they vote for, or whether they have voted."""

    id: RowID
    name: str
    email: str
    joined_at: Instant
    joined_with: str = Field(description="The join code, by its ID and name; empty if there was none.")
    left_at: Instant | None
    accepts_votes: bool
    is_listed: bool = Field(description="Whether other members see this one.")
    excluded_at: Instant | None
    exclusion_reason: str

    EXAMPLE: ClassVar = {
        "id": 12,
        "name": "Bob Example",
        "email": "bob@example.org",
        "joined_at": "2027-02-01T09:30:00Z",
        "joined_with": "5 “Newsletter”",
        "left_at": None,
        "accepts_votes": True,
        "is_listed": True,
        "excluded_at": None,
        "exclusion_reason": "",
    }

    @classmethod
    def of(cls, member: Membership) -> "ManagedMember":
        names = ("joined_at", "left_at", "accepts_votes", "excluded_at", "exclusion_reason")
        facts: dict[str, Any] = {name: getattr(member, name) for name in names}
        return cls(
            id=member.pk,
            name=str(member.user),
            email=member.user.email,
            joined_with=member.join_code.label if member.join_code else "",
            is_listed=member.wants_to_be_listed,
            **facts,
        )


@router.get(
    "conferences/{slug}/organise/members/",
    scope=Scope.ORGANISE_READ,
    answer=Page[ManagedMember],
    summary="List or search the members of a conference that you run",
)
def managed_members(
    request: PersonRequest,
    slug: Slug,
    paging: Query[Paging],
    show: Literal["current", "left", "excluded", "all"] = "current",
    q: Words = "",
) -> Page[ManagedMember]:
    """In alphabetical order, with email addresses."""
    conference = managed(request, slug, LISTERS)
    found = Membership.objects.filter(conference=conference, **SHOWN[show])
    found, most = found.select_related("user", "join_code", "conference"), show in ("current", "all")
    page = page_at(place_in(paging), conference, found, search_words(request), paging.limit, are_most=most)
    return page_of_places(page, ManagedMember.of)
