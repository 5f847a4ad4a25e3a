from typing import Any, ClassVar, Literal

from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, Words
from confbox.kit.api.forms import cleaned
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging, page_of_list
from confbox.kit.api.problems import Problem
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.pagination import search_words
from conferences.views import membership_or_reader, own_membership
from voting.elections import answers
from voting.elections.figures.shown import shown_tally
from voting.elections.forms import DeclineForm
from voting.elections.models import Decision
from voting.elections.receipt_views import published_to_readers, voters_found
from voting.elections.receipts.actions import ensure_published
from voting.elections.receipts.models import order_of_voters
from voting.elections.results import sees_results, visible_decision
from voting.elections.tally import Standing, TallyResult
from voting.elections.views import own_announced_decision, own_decision, what_became_of

router = ApiRouter("Results")


class CandidateResult(Answer):
    rank: int
    member: RowID
    name: str = Field(description="As published when voting closed.")
    votes: int
    is_tied: bool

    EXAMPLE: ClassVar = {"rank": 1, "member": 12, "name": "Bob Example", "votes": 41, "is_tied": False}

    @classmethod
    def of(cls, standing: Standing) -> "CandidateResult":
        return cls(
            rank=standing.rank,
            member=standing.candidate.pk,
            name=standing.name,
            votes=standing.votes,
            is_tied=standing.is_tied,
        )


class Chosen(Answer):
    member: RowID
    name: str
    answer: Literal["pending", "accepted", "declined", "withdrawn", "taken_back", "revoked"]
    reason: str = Field(description="Why the organisers chose this member; needed for all but a sole leader.")

    EXAMPLE: ClassVar = {"member": 12, "name": "Bob Example", "answer": "accepted", "reason": ""}

    @classmethod
    def of(cls, decision: Decision) -> "Chosen":
        speaker = decision.speaker
        return cls(
            member=speaker.pk,
            name=str(speaker),
            answer=decision.answer,  # type: ignore[arg-type]
            reason=decision.reason,
        )


class Result(Answer):
    state: Literal["secret", "counting", "live", "final"]
    votes: int | None
    may_vote: int | None = Field(description="How many may vote.")
    counted_at: Instant | None = Field(description="Of figures that are not those of now.")
    candidates: list[CandidateResult] = Field(description="Leaders first; empty while votes are secret.")
    decision: Chosen | None
    digest: str = Field(description="SHA-256 of the published ballots; empty before voting has closed.")
    signature: str

    EXAMPLE: ClassVar = {
        "state": "final",
        "votes": 41,
        "may_vote": 60,
        "counted_at": None,
        "candidates": [CandidateResult.EXAMPLE],
        "decision": Chosen.EXAMPLE,
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "signature": "",
    }


class PublishedResult(Answer):
    ballots: str = Field(description="CSV: a line for each vote, in no order in which they were cast.")
    result: dict[str, Any] = Field(description="What `verify.py` reads, such as count, rules and signature.")

    EXAMPLE: ClassVar = {
        "ballots": "tracker,choice\r\nx7c1,12\r\n",
        "result": {"participants": 1, "tally": {"12": 1}},
    }


class Voter(Answer):
    name: str

    EXAMPLE: ClassVar = {"name": "Ada Example"}


class SpeakerAnswer(Input):
    answer: Literal["accept", "decline"]
    reason: str = Field("", max_length=4000, description="For declining; the team reads it.")

    EXAMPLE: ClassVar = {"answer": "accept", "reason": ""}


class SteppingDown(Input):
    reason: str = Field("", max_length=4000, description="Only the team reads it.")

    EXAMPLE: ClassVar = {"reason": "I am ill."}


@router.get("conferences/{slug}/results/", scope=Scope.READ, answer=Result, summary="The result")
def results(request: PersonRequest, slug: Slug) -> Result:
    """What the rules of the vote let you see now: the count, and who was chosen. `secret` says: not yet."""
    membership = membership_or_reader(request, slug)
    conference = membership.conference
    visible = sees_results(membership, request.user)
    published = ensure_published(conference) if visible else None
    tally = shown_tally(conference, published) if visible else None
    decision = visible_decision(membership=membership)
    return Result(
        state=_state(visible, tally, is_final=published is not None),
        votes=tally.votes if tally else None,
        may_vote=tally.members if tally else None,
        counted_at=tally.counted_at if tally else None,
        candidates=[CandidateResult.of(one) for one in tally.standings] if tally else [],
        decision=Chosen.of(decision) if decision else None,
        digest=published.digest if published else "",
        signature=published.signature if published else "",
    )


def _state(
    visible: bool, tally: TallyResult | None, *, is_final: bool
) -> Literal["secret", "counting", "live", "final"]:
    if not visible:
        return "secret"
    if tally is None:
        return "counting"
    return "final" if is_final else "live"


@router.get(
    "conferences/{slug}/results/ballots/",
    scope=Scope.READ,
    answer=PublishedResult,
    summary="The published ballots",
)
def published_ballots(request: PersonRequest, slug: Slug) -> PublishedResult:
    """With which anyone can count again. Not found before voting has closed and the result is out."""
    _membership, published = published_to_readers(request, slug)
    return PublishedResult(ballots=published.ballots, result=published.file)


@router.get(
    "conferences/{slug}/results/voters/",
    scope=Scope.READ,
    answer=Page[Voter],
    summary="The names of those who voted",
)
def who_voted(request: PersonRequest, slug: Slug, paging: Query[Paging], q: Words = "") -> Page[Voter]:
    """Where the rules of the vote publish them; not found elsewhere."""
    _membership, published = published_to_readers(request, slug)
    found = voters_found(published, search_words(request))
    return page_of_list(found, paging, place=tuple, key=order_of_voters, show=lambda one: Voter(name=one[0]))


@router.post(
    "conferences/{slug}/results/answer/",
    scope=Scope.VOTE,
    answer=Done,
    summary="Answer that you will speak, or not",
    refusals=["The organisers have withdrawn their choice, so there is nothing to answer."],
)
def answer_decision(request: PersonRequest, slug: Slug, form: SpeakerAnswer) -> Done:
    """For the member who was chosen; for all others this does not exist. `none` if you had answered so."""
    decision = own_decision(own_membership(request, slug))
    if decision.answer not in Decision.CURRENT:
        raise Problem("already-ended", what_became_of(decision))
    entered = cleaned(DeclineForm({"decline_reason": form.reason}))
    accept = form.answer == "accept"
    outcome = answers.answer_decision(
        decision=decision, accept=accept, reason=entered["decline_reason"], by=actor_of(request)
    )
    return Done(outcome=outcome.value)


@router.post(
    "conferences/{slug}/results/step-down/",
    scope=Scope.VOTE,
    answer=Done,
    summary="Step down as the speaker",
    refusals=["The organisers have withdrawn their choice, so there is nothing to answer."],
)
def step_down(request: PersonRequest, slug: Slug, form: SteppingDown | None = None) -> Done:
    """For the speaker who has accepted. Members are notified, and the organisers choose again."""
    decision = own_announced_decision(own_membership(request, slug))
    if decision.answer == Decision.Answer.REVOKED:
        raise Problem("already-ended", what_became_of(decision))
    entered = cleaned(DeclineForm({"decline_reason": form.reason if form else ""}))
    reason = entered["decline_reason"]
    outcome = answers.step_down(decision=decision, reason=reason, by=actor_of(request))
    return Done(outcome=outcome.value)
