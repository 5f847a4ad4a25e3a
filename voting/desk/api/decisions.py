from functools import partial
from typing import Any, ClassVar, Literal

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.acts import Consequences
from conferences.api.outcomes import SEEN, ActDone
from conferences.consent.actions import do_or_ask
from conferences.consent.panels import notice_of
from conferences.models import Conference, Membership
from voting.desk.access import conference_with_slug
from voting.desk.api.consequences import consequences_of, refused
from voting.desk.api.reasons import reason_in, to_the_minute
from voting.desk.forms import DecisionForm, RevokingForm
from voting.desk.page import decision_context
from voting.desk.panels import decision_panel, take_back_panel
from voting.desk.views import REVOCABLE, who_can_be_chosen
from voting.elections import actions, answers
from voting.elections import reply_by as replies
from voting.elections.decision_rules import version_of_choice, why_not_to_decide_now
from voting.elections.election.two_people import DECISION, REVOKING
from voting.elections.models import Decision
from voting.elections.tally import TallyResult, tally_of

router = ApiRouter("Organising: decisions")
CHOOSE = "voting.add_decision"


class DecisionOfTeam(Answer):
    id: RowID
    member: RowID
    name: str = Field(description="As it was when this member was chosen.")
    answer: Literal["pending", "accepted", "declined", "withdrawn", "taken_back", "revoked"]
    reason: str = Field(description="Why this member was chosen; members read it with the result.")
    decided_at: Instant
    decided_by: str
    reply_by: Instant | None
    is_overdue: bool
    decline_reason: str = Field(
        description="Why not any more; empty for those who cannot choose the speaker."
    )

    EXAMPLE: ClassVar = {
        "id": 5,
        "member": 12,
        "name": "Bob Example",
        "answer": "pending",
        "reason": "",
        "decided_at": "2027-04-21T09:30:00Z",
        "decided_by": "Olga Example",
        "reply_by": "2027-04-28T09:30:00Z",
        "is_overdue": False,
        "decline_reason": "",
    }

    @classmethod
    def of(cls, decision: Decision, conference: Conference, *, may_choose: bool) -> "DecisionOfTeam":
        return cls(
            id=decision.pk,
            member=decision.speaker_id,
            name=decision.speaker_name,
            answer=decision.answer,  # type: ignore[arg-type]
            reason=decision.reason,
            decided_at=decision.decided_at,
            decided_by=str(decision.decided_by),
            reply_by=decision.reply_by,
            is_overdue=decision.is_overdue(conference.now),
            decline_reason=decision.decline_reason if may_choose else "",
        )


class Decisions(Answer):
    can_decide: bool = Field(description="Whether you can choose a speaker now.")
    can_be_chosen: list[RowID] = Field(
        description="Members among the first candidates, or those found; empty if you cannot choose now."
    )
    items: list[DecisionOfTeam] = Field(description="Newest first.")

    EXAMPLE: ClassVar = {"can_decide": False, "can_be_chosen": [], "items": [DecisionOfTeam.EXAMPLE]}


class ChoiceOfSpeaker(Input):
    reason: str = Field("", max_length=4000, description="Needed for all but a sole leader. Members read it.")
    reply_by: Instant | None = Field(None, description="To the minute. Left out: a week.")
    seen: str = SEEN

    EXAMPLE: ClassVar = {"reason": "", "reply_by": None, "seen": ""}


class TakingBack(Input):
    reason: str = Field("", max_length=2000, description="Needed once the member has accepted, who reads it.")

    EXAMPLE: ClassVar = {"reason": ""}


class ReplyBy(Input):
    reply_by: Instant = Field(description="To the minute.")

    EXAMPLE: ClassVar = {"reply_by": "2027-04-30T10:00:00Z"}


@router.get(
    "conferences/{slug}/organise/decision/",
    scope=Scope.ORGANISE_READ,
    answer=Decisions,
    summary="Who was chosen, and whether one can be chosen now",
)
def decisions(request: PersonRequest, slug: Slug) -> Decisions:
    """All decisions of this vote, also those that were declined or withdrawn."""
    conference = conference_with_slug(request, slug)
    shown = decision_context(request, conference)
    show = partial(DecisionOfTeam.of, conference=conference, may_choose=shown["can_take_back"])
    return Decisions(
        can_decide=shown["can_decide"],
        can_be_chosen=sorted(shown.get("pickable", ())),
        items=[show(each) for each in shown["decisions"]],
    )


def _candidate(conference: Conference, member_id: int) -> Membership:
    return get_object_or_404(who_can_be_chosen(conference), pk=member_id)


@router.get(
    "conferences/{slug}/organise/decide/{member_id}/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What choosing this member leads to",
)
def consequences_of_choice(request: PersonRequest, slug: Slug, member_id: UrlID) -> Consequences:
    """The member's place, and the version to send with the choice. Refused while no one can be chosen."""
    conference = conference_with_slug(request, slug, CHOOSE)
    candidate = _candidate(conference, member_id)
    if refusal := why_not_to_decide_now(conference):
        return refused(refusal)
    tally: TallyResult = tally_of(conference)
    notice = notice_of(DECISION, conference, {"candidate": candidate.pk}, person=request.user)
    before = list(Decision.objects.filter(election=conference.pk).select_related("speaker__user"))
    facts: dict[str, Any] = {"candidate": candidate, "tally": tally, "decisions": before, "form": None}
    panel = decision_panel(by=request.user, **facts)
    return consequences_of(conference, panel, seen=version_of_choice(candidate), notice=notice)


@router.post(
    "conferences/{slug}/organise/decide/{member_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Choose the speaker",
    refusals=["A speaker has already been chosen for this conference."],
)
def decide_speaker(request: PersonRequest, slug: Slug, member_id: UrlID, form: ChoiceOfSpeaker) -> ActDone:
    """Asks this member to speak, and stores the count. A second person may have to confirm it."""
    conference = conference_with_slug(request, slug, CHOOSE)
    require_fresh_log_in_of_browser(request)
    candidate, by = _candidate(conference, member_id), actor_of(request)
    reason = reason_in(DecisionForm, form.reason)
    until = to_the_minute(form.reply_by) if form.reply_by else None
    asked: dict[str, Any] = {"conference": conference, "candidate": candidate, "reply_by": until}
    verb = partial(actions.decide_speaker, by=by, reason=reason, seen=form.seen, **asked)
    return ActDone.of(do_or_ask(verb, reason=reason, by=by))


def _decision(conference: Conference, decision_id: int) -> Decision:
    found = Decision.objects.filter(election=conference.pk).select_related("speaker__user")
    return get_object_or_404(found, pk=decision_id)


@router.get(
    "conferences/{slug}/organise/take-back/{decision_id}/",
    scope=Scope.ORGANISE_READ,
    answer=Consequences,
    summary="What withdrawing a decision leads to",
)
def consequences_of_taking_back(request: PersonRequest, slug: Slug, decision_id: UrlID) -> Consequences:
    """Before and after the member has accepted."""
    conference = conference_with_slug(request, slug, CHOOSE)
    decision = _decision(conference, decision_id)
    has_accepted = decision.answer in REVOCABLE
    asked = {"decision": decision.pk}
    notice = notice_of(REVOKING, conference, asked, person=request.user) if has_accepted else None
    return consequences_of(conference, take_back_panel(decision), notice=notice)


@router.post(
    "conferences/{slug}/organise/take-back/{decision_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Withdraw a decision",
    refusals=["Please give a reason. The member gets it by email."],
)
def take_back_decision(request: PersonRequest, slug: Slug, decision_id: UrlID, form: TakingBack) -> ActDone:
    """So that you can choose again. Of one who has accepted, it needs a reason, and may need a second person.

    `none` if the member has answered meanwhile and does not speak.
    """
    conference = conference_with_slug(request, slug, CHOOSE)
    require_fresh_log_in_of_browser(request)
    decision, by = _decision(conference, decision_id), actor_of(request)
    if decision.answer not in REVOCABLE:
        return ActDone.of(answers.take_back_decision(decision=decision, by=by))
    reason = reason_in(RevokingForm, form.reason)
    verb = partial(answers.revoke_decision, decision=decision, reason=reason, by=by)
    return ActDone.of(do_or_ask(verb, reason=reason, by=by))


@router.post(
    "conferences/{slug}/organise/reply-by/{decision_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Ask for the answer by another time",
    refusals=["Please leave at least an hour for the answer."],
)
def move_reply_by(request: PersonRequest, slug: Slug, decision_id: UrlID, form: ReplyBy) -> ActDone:
    """The chosen member gets an email about it. `none` if it is this time already, or they have answered."""
    conference = conference_with_slug(request, slug, CHOOSE)
    require_fresh_log_in_of_browser(request)
    decision, until = _decision(conference, decision_id), to_the_minute(form.reply_by)
    moved = replies.move_reply_by(decision=decision, reply_by=until, by=actor_of(request))
    return ActDone.of(moved)
