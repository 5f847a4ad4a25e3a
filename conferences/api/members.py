from typing import Any, ClassVar

from ninja import Query
from pydantic import Field

from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, RowID, Slug, Words
from confbox.kit.api.pages import Page, Paging, page_of_places, place_in
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.pagination import search_words
from conferences.api.doors import member_or_reader
from conferences.members_in_order import page_at
from conferences.models import Membership
from conferences.views import members_are_for_members

router = ApiRouter("Members")
LISTERS = "conferences.view_membership"


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
