from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Literal

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.clock import database_now
from conferences.admission import actions
from conferences.admission.domains import shown_domains
from conferences.admission.rules import rules_of
from conferences.admission.words import rules_in_words
from conferences.api.doors import managed
from conferences.api.outcomes import ActDone
from conferences.api.typed import typed
from conferences.joining.actions import answer_request as answer_join_request
from conferences.joining.forms import EVERYONE, RULES, AdmissionForm, AnswerForm, CodeForm
from conferences.joining.links import link_of
from conferences.joining.overview import doubts_of
from conferences.models import Conference, JoinCode, JoinRequest
from conferences.roster.access import ADMIT, CHANGE

router = ApiRouter("Organising: who may join")
ENDED = "This join code had already been ended or replaced, so nothing was changed."


class AdmissionRules(Input):
    """By which people may join. A usable join code admits besides these."""

    everyone: bool
    roster: bool = Field(False, description="People on the roster.")
    approval: bool = Field(False, description="People whom you let in.")
    email_domains: list[str] = Field([], max_length=200, description="Of confirmed email addresses.")

    EXAMPLE: ClassVar = {
        "everyone": False,
        "roster": True,
        "approval": False,
        "email_domains": ["example.org"],
    }


class AdmissionState(Answer):
    everyone: bool
    roster: bool
    approval: bool
    email_domains: list[str]
    words: str = Field(description="The same as a sentence.")
    doubts: list[str] = Field(description="What is probably not meant as it is set.")

    EXAMPLE: ClassVar = AdmissionRules.EXAMPLE | {
        "words": "People on the roster, and people with an email address at example.org.",
        "doubts": [],
    }

    @classmethod
    def of(cls, conference: Conference) -> "AdmissionState":
        rules = rules_of(conference)
        return cls(
            everyone=rules.everyone,
            roster=rules.roster,
            approval=rules.approval,
            email_domains=shown_domains(rules.email_domains),
            words=rules_in_words(rules),
            doubts=[doubt.sentence for doubt in doubts_of(conference)],
        )


class CodeLimits(Input):
    """What a join code is for, and how often and until when it can be used."""

    name: str = Field("", max_length=60, description="Where you show it. Only organisers see it.")
    most_uses: RowID | None = None
    expires_at: Instant | None = Field(None, description="To the minute.")

    EXAMPLE: ClassVar = {"name": "Newsletter", "most_uses": 100, "expires_at": "2027-03-01T08:00:00Z"}


class JoinCodeState(Answer):
    id: RowID
    code: str
    link: str
    name: str
    state: Literal["usable", "ended", "expired", "used_up"]
    uses: int
    most_uses: int | None
    expires_at: Instant | None

    EXAMPLE: ClassVar = {
        "id": 5,
        "code": "7K3M-9QXT",
        "link": "https://example.org/j/7K3M-9QXT/",
        "name": "Newsletter",
        "state": "usable",
        "uses": 12,
        "most_uses": 100,
        "expires_at": "2027-03-01T08:00:00Z",
    }

    @classmethod
    def of(cls, code: JoinCode, now: datetime) -> "JoinCodeState":
        names = ("name", "uses", "most_uses", "expires_at")
        return cls(
            id=code.pk,
            code=str(code),
            link=link_of(code),
            state=code.state(now).value,  # type: ignore[arg-type]
            **{name: getattr(code, name) for name in names},
        )


class WaitingJoinRequest(Answer):
    id: RowID
    name: str
    email: str
    sentence: str
    asked_at: Instant

    EXAMPLE: ClassVar = {
        "id": 9,
        "name": "Ada Example",
        "email": "ada@example.org",
        "sentence": "I maintain the build tools.",
        "asked_at": "2027-02-01T09:30:00Z",
    }

    @classmethod
    def of(cls, asked: JoinRequest) -> "WaitingJoinRequest":
        return cls(
            id=asked.pk,
            name=str(asked.user),
            email=asked.user.email,
            sentence=asked.sentence,
            asked_at=asked.asked_at,
        )


class JoinAnswer(Input):
    answer: Literal["accepted", "declined"]
    reason: str = Field("", max_length=1000, description="The person gets it by email. Needed to decline.")

    EXAMPLE: ClassVar = {"answer": "accepted", "reason": ""}


@router.get(
    "conferences/{slug}/organise/joining/",
    scope=Scope.ORGANISE_READ,
    answer=AdmissionState,
    summary="Who may join",
)
def admission(request: PersonRequest, slug: Slug) -> AdmissionState:
    """The rules of a conference, and what is probably not meant as it is set."""
    return AdmissionState.of(managed(request, slug, ADMIT))


@router.post(
    "conferences/{slug}/organise/joining/",
    scope=Scope.ORGANISE_WRITE,
    answer=AdmissionState,
    summary="Set who may join",
)
def set_admission(request: PersonRequest, slug: Slug, form: AdmissionRules) -> AdmissionState:
    """All rules at once. Members stay members."""
    found = managed(request, slug, CHANGE)
    values = form.model_dump(exclude={"everyone", "email_domains"})
    values |= {"who": EVERYONE if form.everyone else RULES, "email_domains": "\n".join(form.email_domains)}
    entered = AdmissionForm(typed(values), rules=rules_of(found))
    cleaned(entered)
    actions.set_admission(conference=found, by=actor_of(request), **entered.rules)
    return AdmissionState.of(managed(request, slug, CHANGE))


@router.get(
    "conferences/{slug}/organise/joining/codes/",
    scope=Scope.ORGANISE_READ,
    answer=Page[JoinCodeState],
    summary="List join codes",
)
def join_codes(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Page[JoinCodeState]:
    """Also those that no longer admit anyone. The last one first."""
    found = JoinCode.objects.filter(conference=managed(request, slug, ADMIT))
    return page_of_rows(found, paging, order=("-pk",), show=partial(JoinCodeState.of, now=database_now()))


@router.post(
    "conferences/{slug}/organise/joining/codes/",
    scope=Scope.ORGANISE_WRITE,
    answer=JoinCodeState,
    summary="Make a join code",
    refusals=["There are already 20 usable join codes. Please end one of them first."],
)
def make_code(request: PersonRequest, slug: Slug, form: CodeLimits) -> JoinCodeState:
    """It admits everyone who has it, besides the rules of the conference."""
    found = managed(request, slug, ADMIT)
    code = actions.make_code(conference=found, by=actor_of(request), **_limits(form, found))
    return JoinCodeState.of(code, database_now())


@router.post(
    "conferences/{slug}/organise/joining/codes/{code_id}/renew/",
    scope=Scope.ORGANISE_WRITE,
    answer=JoinCodeState,
    summary="Replace a join code",
    refusals=[ENDED],
)
def renew_code(request: PersonRequest, slug: Slug, code_id: UrlID, form: CodeLimits) -> JoinCodeState:
    """Ends it, and makes a new one with these limits."""
    found = managed(request, slug, ADMIT)
    code = _code(found, code_id)
    new = actions.renew_code(code=code, by=actor_of(request), **_limits(form, found))
    return JoinCodeState.of(new, database_now())


@router.post(
    "conferences/{slug}/organise/joining/codes/{code_id}/end/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="End a join code",
)
def end_code(request: PersonRequest, slug: Slug, code_id: UrlID) -> ActDone:
    """It admits no one from then on. Who joined with it stays a member."""
    code = _code(managed(request, slug, ADMIT), code_id)
    return ActDone.of(actions.end_code(code=code, by=actor_of(request)))


def _code(conference: Conference, code_id: int) -> JoinCode:
    return get_object_or_404(JoinCode.objects.select_related("conference"), conference=conference, pk=code_id)


def _limits(form: CodeLimits, conference: Conference) -> dict[str, Any]:
    return cleaned(CodeForm(typed(form.model_dump(), conference.zone), conference=conference))


@router.get(
    "conferences/{slug}/organise/joining/requests/",
    scope=Scope.ORGANISE_READ,
    answer=Page[WaitingJoinRequest],
    summary="List requests to join",
)
def join_requests(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Page[WaitingJoinRequest]:
    """Those that wait for an answer, the oldest first."""
    found = JoinRequest.objects.to_answer().filter(conference=managed(request, slug, ADMIT))
    rows = found.select_related("user")
    return page_of_rows(rows, paging, order=("asked_at", "pk"), show=WaitingJoinRequest.of)


@router.post(
    "conferences/{slug}/organise/joining/requests/{request_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Answer a request to join",
    refusals=["This request has already been answered, so nothing was changed."],
)
def answer_request(request: PersonRequest, slug: Slug, request_id: UrlID, form: JoinAnswer) -> ActDone:
    """The person becomes a member, or reads why not. They get an email."""
    requests = JoinRequest.objects.filter(conference=managed(request, slug, ADMIT))
    asked = get_object_or_404(requests.select_related("user", "conference"), pk=request_id)
    reason = cleaned(AnswerForm({"reason": form.reason}))["reason"]
    done = answer_join_request(asked=asked, answer=form.answer, reason=reason, by=actor_of(request))
    return ActDone.of(done)
