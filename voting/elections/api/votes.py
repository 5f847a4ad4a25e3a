from typing import ClassVar, Literal

from django.http import Http404
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging, cursor_of, values_of
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.doors import member_or_reader
from conferences.views import own_membership
from voting.elections import actions
from voting.elections.ballot import Candidate, candidates_in_order, rest_of_ballot
from voting.elections.ballot_views import ballot_is_for_members, own_participation
from voting.elections.receipt_views import own_valid_vote
from voting.elections.receipts.receipt import receipt_of

router = ApiRouter("Votes")


class BallotCandidate(Answer):
    id: RowID = Field(description="What a vote names.")
    name: str
    profession: str
    headline: str
    statement: str = Field(description="The pitch, in Markdown; empty if it is covered.")
    accepts_votes: bool

    EXAMPLE: ClassVar = {
        "id": 12,
        "name": "Bob Example",
        "profession": "Engineer",
        "headline": "Less is more",
        "statement": "I would speak about **small** programs.",
        "accepts_votes": True,
    }

    @classmethod
    def of(cls, candidate: Candidate) -> "BallotCandidate":
        return cls(
            id=candidate.pk,
            name=candidate.name,
            profession=candidate.profession,
            headline="" if candidate.is_covered else candidate.headline,
            statement="" if candidate.is_covered else candidate.statement,
            accepts_votes=candidate.accepts_votes,
        )


class Ballot(Page[BallotCandidate]):
    """The candidates in an order of your own, which never changes, and your vote."""

    vote: RowID | None = Field(description="The candidate whom you voted for; null if you have no vote.")
    may_vote: bool
    refusal: str = Field(description="Why you cannot vote now; empty if you can.")

    EXAMPLE: ClassVar = {
        "items": [BallotCandidate.EXAMPLE],
        "next": None,
        "vote": 12,
        "may_vote": True,
        "refusal": "",
    }


class Choice(Input):
    candidate: RowID

    EXAMPLE: ClassVar = {"candidate": 12}


class OwnVote(Answer):
    candidate: RowID
    name: str
    cast_at: Instant

    EXAMPLE: ClassVar = {"candidate": 12, "name": "Bob Example", "cast_at": "2027-03-02T10:15:00Z"}


class VoteCast(Answer):
    outcome: Literal["first", "moved", "unchanged"]

    EXAMPLE: ClassVar = {"outcome": "first"}


class VoteReceipt(Answer):
    """Every field is part of the signature; keep all of it as it is."""

    version: str
    conference: RowID
    title: str
    member: RowID = Field(description="You.")
    choice: RowID = Field(description="The candidate whom you voted for.")
    nonce: str
    tracker: str = Field(description="By which you find your vote among the published ballots.")
    cast_at: str
    signature: str
    key: str = Field(description="The public key of this site.")

    EXAMPLE: ClassVar = {
        "version": "conferencebox-receipt-2",
        "conference": 3,
        "title": "Open Conf",
        "member": 7,
        "choice": 12,
        "nonce": "b0f1c2",
        "tracker": "9f86d081884c7d65",
        "cast_at": "2027-03-02T10:00:00.000000Z",
        "signature": "MEUCIQ",
        "key": "MCowBQ",
    }


@router.get("conferences/{slug}/ballot/", scope=Scope.VOTE, answer=Ballot, summary="The ballot")
def ballot(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Ballot:
    """The candidates with a pitch. Other members can be voted for too, by their ID in the list of members."""
    voter = member_or_reader(request, slug, ballot_is_for_members)
    after = values_of(paging.cursor, 1)[0] if paging.cursor else None
    ids = rest_of_ballot(conference=voter.conference, voter=voter, after=after)
    shown, mine = ids[: paging.limit], own_participation(request, voter)
    return Ballot(
        items=[BallotCandidate.of(one) for one in candidates_in_order(shown)],
        next=cursor_of(shown[-1:]) if len(ids) > paging.limit else None,
        vote=mine.vote.candidate_id if mine.vote else None,
        may_vote=mine.may_vote_now,
        refusal=mine.refusal,
    )


@router.get("conferences/{slug}/vote/", scope=Scope.VOTE, answer=OwnVote, summary="Your vote")
def own_vote(request: PersonRequest, slug: Slug) -> OwnVote:
    """Only you can read it. Not found if you have none."""
    vote = own_valid_vote(request, slug)
    return OwnVote(candidate=vote.candidate_id, name=str(vote.candidate), cast_at=vote.cast_at)


@router.post(
    "conferences/{slug}/vote/",
    scope=Scope.VOTE,
    answer=VoteCast,
    summary="Vote, or change your vote",
    refusals=["Voting has closed.", "You cannot vote for yourself."],
)
def cast_vote(request: PersonRequest, slug: Slug, choice: Choice) -> VoteCast:
    """The vote is stored when this answers. Sending it again changes nothing."""
    cast = actions.cast_vote(slug=slug, candidate_id=choice.candidate, by=actor_of(request))
    return VoteCast(outcome=cast.name.lower())  # type: ignore[arg-type]


@router.post(
    "conferences/{slug}/vote/withdraw/",
    scope=Scope.VOTE,
    answer=Done,
    summary="Withdraw your vote",
    refusals=["Voting has closed, and the count is final."],
)
def withdraw_vote(request: PersonRequest, slug: Slug) -> Done:
    """Possible while voting is open. `none` if you had no vote."""
    voter = own_membership(request, slug)
    outcome = actions.withdraw_vote(conference=voter.conference, by=actor_of(request))
    return Done(outcome=outcome.value)


@router.get("conferences/{slug}/vote/receipt/", scope=Scope.VOTE, answer=VoteReceipt, summary="Your receipt")
def receipt(request: PersonRequest, slug: Slug) -> VoteReceipt:
    """With it you find your vote among the published ballots. 404 if you have no vote."""
    found = receipt_of(own_valid_vote(request, slug))
    if found is None:
        raise Http404
    return VoteReceipt(**found)
