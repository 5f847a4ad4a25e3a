from typing import Any, ClassVar, Literal

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.outcomes import Done
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.api.members import LISTERS, MemberInList
from conferences.models import Membership
from conferences.views import membership_or_reader, own_membership
from voting.elections import listing
from voting.elections.ballot_views import own_participation
from voting.elections.eligibility import candidate_refusal
from voting.elections.moderation import reporting
from voting.elections.moderation.covering import shown_pitch
from voting.elections.moderation.forms import ReportForm
from voting.elections.moderation.views import REPORTS, reportable_member

router = ApiRouter("Members")


class OneMember(MemberInList):
    bio: str = Field(description="In Markdown; empty if the member does not show it.")
    headline: str = Field(description="Of the pitch; empty if there is none or others do not see it.")
    statement: str = Field(description="The pitch, in Markdown.")
    accepts_votes: bool
    refusal: str = Field(description="Why you cannot vote for this member; empty if you can.")

    EXAMPLE: ClassVar = MemberInList.EXAMPLE | {
        "bio": "I write **small** programs.",
        "headline": "Less is more",
        "statement": "I would speak about small programs.",
        "accepts_votes": True,
        "refusal": "",
    }


class Listing(Input):
    is_listed: bool

    EXAMPLE: ClassVar = {"is_listed": True}


class ListingSet(Answer):
    outcome: Literal["made", "none"]
    is_listed: bool

    EXAMPLE: ClassVar = {"outcome": "made", "is_listed": True}


class MemberReport(Input):
    subject: Literal["pitch", "profile"]
    reason: Literal["insult", "content", "advert", "identity", "other"]
    text: str = Field("", max_length=10_000, description="In your own words; needed for `other`.")

    EXAMPLE: ClassVar = {"subject": "pitch", "reason": "advert", "text": "It advertises a product."}


# Before the path of one member, which would match it too.
@router.post(
    "conferences/{slug}/members/listed/",
    scope=Scope.VOTE,
    answer=ListingSet,
    summary="Choose whether other members see you",
)
def set_listed(request: PersonRequest, slug: Slug, form: Listing) -> ListingSet:
    """Votes for a member whom others cannot see, and who has no pitch, become void."""
    mine = own_membership(request, slug)
    outcome = listing.set_listed(membership=mine, is_listed=form.is_listed, by=actor_of(request))
    return ListingSet(outcome=outcome.value, is_listed=form.is_listed)


@router.get(
    "conferences/{slug}/members/{member_id}/",
    scope=Scope.READ,
    answer=OneMember,
    summary="One member, with the pitch",
)
def member(request: PersonRequest, slug: Slug, member_id: UrlID) -> OneMember:
    """What the other members see of one member. Those who are not listed and have no pitch are not found."""
    viewer = membership_or_reader(request, slug, LISTERS)
    people = Membership.objects.listed_for(viewer).select_related("user", "pitch")
    person = get_object_or_404(people, pk=member_id)
    return OneMember(**_facts_of(request, person, viewer))


def _facts_of(request: PersonRequest, person: Membership, viewer: Membership) -> dict[str, Any]:
    pitch = shown_pitch(person)
    mine = own_participation(request, viewer)
    return MemberInList.facts_of(person) | {
        "bio": person.profile.shown_bio,
        "headline": pitch.headline if pitch else "",
        "statement": pitch.statement if pitch else "",
        "accepts_votes": person.accepts_votes,
        "refusal": mine.refusal or candidate_refusal(voter=viewer, candidate=person),
    }


@router.post(
    "conferences/{slug}/members/{member_id}/report/",
    scope=Scope.VOTE,
    answer=Done,
    summary="Report a member",
    refusals=["You cannot report yourself."],
)
def report_member(request: PersonRequest, slug: Slug, member_id: UrlID, form: MemberReport) -> Done:
    """Asks the organisers to look at a pitch or profile. `none` if your report of it is waiting already."""
    person = reportable_member(request, slug, member_id)
    checked = ReportForm(form.model_dump(), subjects=reporting.subjects_of(person))
    entered = cleaned(checked)
    count_use(REPORTS, request)
    outcome = reporting.report_member(membership=person, by=actor_of(request), **entered)
    return Done(outcome=outcome.value)
