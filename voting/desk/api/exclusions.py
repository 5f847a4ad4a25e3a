from functools import partial
from typing import ClassVar, Literal

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, RowID, Slug, UrlID
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work
from conferences.api.acts import Consequences
from conferences.api.outcomes import ActDone
from conferences.consent.actions import do_or_ask
from conferences.consent.panels import notice_of
from conferences.models import Conference, Membership
from voting.desk.access import conference_with_slug
from voting.desk.api.consequences import consequences_of
from voting.desk.api.reasons import reason_in
from voting.desk.exclusion_views import SIGNALS_SHOWN
from voting.desk.exports import EXPORTS
from voting.desk.forms import ExclusionForm
from voting.desk.panels import exclusion_panel
from voting.elections import exclusions
from voting.elections.election.two_people import EXCLUSION
from voting.elections.fraud_signs import Signal, is_large, members_of, signals_of, with_members

router = ApiRouter("Organising: exclusions")
READ_MEMBERS, EXCLUDE = "conferences.view_membership", "conferences.exclude_membership"
Acts = Literal["exclude", "readmit"]


class Because(Input):
    reason: str = Field(max_length=4000)

    EXAMPLE: ClassVar = {"reason": "The same person has joined twice."}


class MemberOfSign(Answer):
    member: RowID
    name: str
    email: str

    EXAMPLE: ClassVar = {"member": 12, "name": "Bob Example", "email": "bob@example.org"}

    @classmethod
    def of(cls, member: Membership) -> "MemberOfSign":
        return cls(member=member.pk, name=str(member), email=member.user.email)


class SignOfFraud(Answer):
    kind: Literal["mailbox", "disposable", "network", "burst"]
    what: str = Field(description="What they have in common: a mailbox, a domain, a network or an hour.")
    total: int
    members: list[MemberOfSign] = Field(description="Some of them.")

    EXAMPLE: ClassVar = {
        "kind": "mailbox",
        "what": "bob@example.org",
        "total": 2,
        "members": [MemberOfSign.EXAMPLE],
    }

    @classmethod
    def of(cls, signal: Signal, members: dict[int, Membership]) -> "SignOfFraud":
        shown = [MemberOfSign.of(members[pk]) for pk in signal.shown if pk in members]
        return cls(kind=signal.kind, what=signal.what, total=signal.number, members=shown)  # type: ignore[arg-type]


class SignsOfFraud(Answer):
    signs: list[SignOfFraud] | None = Field(description="The largest; null if a check has to be asked for.")
    more: int = Field(description="How many signs are left out.")
    excluded: list[MemberOfSign] = Field(description="Who has been excluded.")

    EXAMPLE: ClassVar = {"signs": [SignOfFraud.EXAMPLE], "more": 0, "excluded": []}


@router.get(
    "conferences/{slug}/organise/fraud/",
    scope=Scope.ORGANISE_READ,
    answer=SignsOfFraud,
    summary="Signs that a vote may be tampered with",
)
def fraud_signs(
    request: PersonRequest, slug: Slug, check: Literal["if_quick", "always"] = "if_quick"
) -> SignsOfFraud:
    """For you to look at: nothing acts on its own. Of a very large conference, `always` takes seconds."""
    conference = conference_with_slug(request, slug, READ_MEMBERS)
    gone = Membership.objects.filter(conference=conference, excluded_at__isnull=False)
    excluded = [MemberOfSign.of(each) for each in gone.select_related("user").order_by("excluded_at")]
    if check == "if_quick" and is_large(conference):
        return SignsOfFraud(signs=None, more=0, excluded=excluded)
    with heavy_work(EXPORTS, request):
        found = signals_of(conference)
        shown = with_members(conference, found[:SIGNALS_SHOWN])
        members = members_of(shown)
    signs = [SignOfFraud.of(signal, members) for signal in shown]
    return SignsOfFraud(signs=signs, more=len(found) - len(shown), excluded=excluded)


def _members(conference: Conference) -> QuerySet[Membership]:
    return Membership.objects.filter(conference=conference).select_related("user", "conference")


@router.get(
    "conferences/{slug}/organise/exclusions/{member_id}/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What excluding or readmitting a member leads to",
)
def consequences_of_exclusion(
    request: PersonRequest, slug: Slug, member_id: UrlID, act: Acts = "exclude"
) -> Consequences:
    """As the page says it."""
    conference = conference_with_slug(request, slug, EXCLUDE)
    member, readmits = get_object_or_404(_members(conference), pk=member_id), act == "readmit"
    panel = exclusion_panel(member=member, conference=conference, form=None, is_readmission=readmits)
    asked = {"member": member.pk, "readmits": readmits}
    notice = notice_of(EXCLUSION, conference, asked, person=request.user)
    return consequences_of(conference, panel, notice=notice)


@router.post(
    "conferences/{slug}/organise/exclude/{member_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Exclude a member from a vote",
    refusals=["Voting is closed and the count is final, so no member can be excluded now."],
)
def exclude_member(request: PersonRequest, slug: Slug, member_id: UrlID, form: Because) -> ActDone:
    """Their vote and votes for them become void. The member reads the reason. `none` if excluded before."""
    return _change(request, slug, member_id, form, readmits=False)


@router.post(
    "conferences/{slug}/organise/readmit/{member_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Let an excluded member vote again",
    refusals=["Voting is closed and the count is final, so no member can be excluded now."],
)
def readmit_member(request: PersonRequest, slug: Slug, member_id: UrlID, form: Because) -> ActDone:
    """Their own vote counts again; votes for them do not. `none` if they were not excluded."""
    return _change(request, slug, member_id, form, readmits=True)


def _change(request: PersonRequest, slug: str, member_id: int, form: Because, *, readmits: bool) -> ActDone:
    conference, by = conference_with_slug(request, slug, EXCLUDE), actor_of(request)
    require_fresh_log_in_of_browser(request)
    member = get_object_or_404(_members(conference), pk=member_id)
    reason = reason_in(ExclusionForm, form.reason)
    verb = exclusions.readmit_member if readmits else exclusions.exclude_member
    done = do_or_ask(partial(verb, membership=member, by=by, reason=reason), reason=reason, by=by)
    return ActDone.of(done)
