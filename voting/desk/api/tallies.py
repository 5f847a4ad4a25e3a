from functools import partial
from typing import ClassVar, Literal

from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, Slug, Words
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work
from confbox.kit.pagination import search_words
from conferences.api.outcomes import ActDone
from conferences.models import Conference
from voting.desk.access import conference_with_slug
from voting.desk.api.reasons import reason_in, to_the_minute
from voting.desk.exports import EXPORTS
from voting.desk.hold_forms import HoldForm
from voting.desk.page import found_in
from voting.elections.api.results import CandidateResult
from voting.elections.figures.shown import shown_tally
from voting.elections.moderation.covering import shown_pitch
from voting.elections.receipts import holds
from voting.elections.receipts.actions import ensure_published
from voting.elections.receipts.models import PublishedBallots
from voting.elections.results import is_tally_live, may_see_tally, tally_refusal
from voting.elections.tally import Standing
from voting.elections.tally_export import export_tally as export_tally_of

router = ApiRouter("Organising: results")
CHOOSE = "voting.add_decision"


class Tally(Answer):
    state: Literal["secret", "counting", "live", "final"]
    refusal: str = Field(description="While votes are secret: until when.")
    is_live_by_rules: bool = Field(description="Whether the team sees the tally while voting is open.")
    votes: int | None
    may_vote: int | None
    counted_at: Instant | None = Field(description="Of figures that are not those of now.")
    candidates: list[CandidateResult] = Field(description="Leaders first; empty while votes are secret.")
    digest: str = Field(description="SHA-256 of the published ballots; empty before voting has closed.")
    linked_until: Instant | None = Field(description="Until when votes are linked to voters for disputes.")
    unlinked_at: Instant | None
    hold_reason: str = Field(description="Why they are kept linked for longer; members read it.")

    EXAMPLE: ClassVar = {
        "state": "final",
        "refusal": "",
        "is_live_by_rules": False,
        "votes": 41,
        "may_vote": 60,
        "counted_at": None,
        "candidates": [CandidateResult.EXAMPLE],
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "linked_until": "2027-05-04T10:00:00Z",
        "unlinked_at": None,
        "hold_reason": "",
    }


class ExportedStanding(CandidateResult):
    headline: str = Field(description="Of the pitch; empty if there is none or it is hidden.")

    EXAMPLE: ClassVar = CandidateResult.EXAMPLE | {"headline": "Less is more"}

    @classmethod
    def of(cls, standing: Standing) -> "ExportedStanding":
        pitch, plain = shown_pitch(standing.candidate), CandidateResult.of(standing)
        return cls(**plain.model_dump(), headline=pitch.headline if pitch else "")


class ExportedTally(Answer):
    conference: Slug
    candidates: list[ExportedStanding]

    EXAMPLE: ClassVar = {"conference": "open-conf", "candidates": [ExportedStanding.EXAMPLE]}


class Hold(Input):
    until: Instant = Field(description="To the minute.")
    reason: str = Field(max_length=2000, description="Members read it on the page of the result.")

    EXAMPLE: ClassVar = {"until": "2027-05-20T10:00:00Z", "reason": "We check a complaint."}


class HoldLimits(Answer):
    refusal: str = Field(description="Why there is nothing to keep; empty if there is.")
    linked_until: Instant | None
    latest: Instant | None = Field(description="Until when they can be kept linked now.")

    EXAMPLE: ClassVar = {
        "refusal": "",
        "linked_until": "2027-05-04T10:00:00Z",
        "latest": "2027-06-03T10:00:00Z",
    }


@router.get(
    "conferences/{slug}/organise/result/",
    scope=Scope.ORGANISE_READ,
    answer=Tally,
    summary="The votes of each candidate, for the team",
)
def tally(request: PersonRequest, slug: Slug, q: Words = "") -> Tally:
    """Once voting has closed; while it is open, only where the rules of the vote say so."""
    conference, words = conference_with_slug(request, slug), search_words(request)
    sees_tally = may_see_tally(request.user, conference)
    published = ensure_published(conference) if sees_tally else None
    counted = shown_tally(conference, published) if sees_tally else None
    return Tally(
        state=_state(sees_tally, is_counted=counted is not None, is_final=published is not None),
        refusal="" if sees_tally else tally_refusal(conference),
        is_live_by_rules=is_tally_live(conference),
        votes=counted.votes if counted else None,
        may_vote=counted.members if counted else None,
        counted_at=counted.counted_at if counted else None,
        candidates=[CandidateResult.of(one) for one in found_in(counted, words)] if counted else [],
        digest=published.digest if published else "",
        linked_until=_linked_until(conference, published),
        unlinked_at=published.unlinked_at if published else None,
        hold_reason=published.hold_reason if published else "",
    )


def _state(
    sees_tally: bool, *, is_counted: bool, is_final: bool
) -> Literal["secret", "counting", "live", "final"]:
    if not sees_tally:
        return "secret"
    if not is_counted:
        return "counting"
    return "final" if is_final else "live"


def _linked_until(conference: Conference, published: PublishedBallots | None) -> Instant | None:
    if published is None:
        return None
    published.election = conference.election
    return published.linked_until


@router.post(
    "conferences/{slug}/organise/result/export/",
    scope=Scope.ORGANISE_READ,
    answer=ExportedTally,
    summary="Export the votes of each candidate",
    refusals=["Votes per candidate are secret until voting has closed."],
)
def export_tally(request: PersonRequest, slug: Slug, q: Words = "") -> ExportedTally:
    """With the headlines of their pitches. It is a POST because the audit log has who exported it."""
    with heavy_work(EXPORTS, request):
        conference = conference_with_slug(request, slug)
        require_fresh_log_in_of_browser(request)
        counted = export_tally_of(conference=conference, by=actor_of(request), kind="json")
        found = found_in(counted, search_words(request))
        return ExportedTally(
            conference=conference.slug, candidates=[ExportedStanding.of(each) for each in found]
        )


@router.get(
    "conferences/{slug}/organise/keep-linked/",
    scope=Scope.ORGANISE_READ,
    answer=HoldLimits,
    summary="Until when votes can be kept linked to voters",
)
def hold_limits(request: PersonRequest, slug: Slug) -> HoldLimits:
    """Or why there is nothing to keep."""
    conference = conference_with_slug(request, slug, CHOOSE)
    published = ensure_published(conference)
    refusal = holds.why_not_to_keep(conference, published)
    until = _linked_until(conference, published)
    latest = holds.latest_end(conference, published) if published and not refusal else None
    return HoldLimits(refusal=refusal, linked_until=until, latest=latest)


@router.post(
    "conferences/{slug}/organise/keep-linked/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Keep votes linked to voters for longer",
    refusals=["The ballots are not published yet, so there is nothing to keep."],
)
def keep_linked(request: PersonRequest, slug: Slug, form: Hold) -> ActDone:
    """While the team looks into a dispute. Members read the reason. No one sees who voted for whom."""
    conference = conference_with_slug(request, slug, CHOOSE)
    require_fresh_log_in_of_browser(request)
    ensure_published(conference)
    until = to_the_minute(form.until)
    keep = partial(holds.keep_linked, conference=conference, until=until, by=actor_of(request))
    return ActDone.of(keep(reason=reason_in(HoldForm, form.reason)))
