from typing import Any, ClassVar, Literal

from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, Slug
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.typed import typed
from conferences.models import Conference
from voting.desk.access import conference_with_slug
from voting.desk.forms import RULE_FIELDS, RulesForm
from voting.elections.election.models import Election
from voting.elections.rules import actions
from voting.elections.rules.registry import rules_in_words

router = ApiRouter("Organising: rules of a vote")
CHANGE = "conferences.change_conference"
WhoVotes = Literal["members", "roster"]
MembersSee = Literal["after_decision", "after_close", "live"]
TeamSees = Literal["after_close", "live"]
LateJoiners = Literal["may_vote", "may_not_vote"]
Ties = Literal["any_member", "tied_only"]


class RulesToSet(Input):
    """All rules at once. Once voting has opened, a rule can only become stricter."""

    who_votes: WhoVotes | None = Field(None, description="Left out: as it is.")
    results_visibility: MembersSee = Field(description="When members see results.")
    organisers_see_tally: TeamSees | None = Field(
        None, description="When the team sees votes per candidate. Left out: as it is."
    )
    late_joiners: LateJoiners
    ties: Ties
    publishes_participants: bool = Field(description="Whether members see who voted, with the result.")
    window_needs_consent: bool = Field(
        description="Whether a second person confirms each change to the times."
    )

    EXAMPLE: ClassVar = {
        "who_votes": "members",
        "results_visibility": "after_decision",
        "organisers_see_tally": "after_close",
        "late_joiners": "may_vote",
        "ties": "any_member",
        "publishes_participants": False,
        "window_needs_consent": False,
    }


class RulesOfVote(Answer):
    set_at: Instant | None = Field(description="Null: not set, so voting does not open.")
    who_votes: WhoVotes
    results_visibility: MembersSee
    organisers_see_tally: TeamSees
    late_joiners: LateJoiners
    ties: Ties
    publishes_participants: bool
    window_needs_consent: bool
    in_words: list[str] = Field(description="As voters read them on the ballot.")

    EXAMPLE: ClassVar = RulesToSet.EXAMPLE | {
        "set_at": "2027-03-01T10:00:00Z",
        "in_words": ["Members see the result after the decision."],
    }

    @classmethod
    def of(cls, conference: Conference) -> "RulesOfVote":
        election = conference.election
        rules: dict[str, Any] = {name: getattr(election, name) for name in RULE_FIELDS}
        # A choice that was just set is one of its enumeration.
        rules |= {name: str(choice) for name, choice in rules.items() if not isinstance(choice, bool)}
        return cls(set_at=election.rules_set_at, in_words=rules_in_words(conference), **rules)


@router.get(
    "conferences/{slug}/organise/rules/",
    scope=Scope.ORGANISE_READ,
    answer=RulesOfVote,
    summary="The rules of a vote",
)
def rules_of_vote(request: PersonRequest, slug: Slug) -> RulesOfVote:
    """Those that are stored, or the defaults while none are set."""
    return RulesOfVote.of(conference_with_slug(request, slug))


@router.post(
    "conferences/{slug}/organise/rules/",
    scope=Scope.ORGANISE_WRITE,
    answer=RulesOfVote,
    summary="Set the rules of a vote",
    refusals=["The voting times have passed without a vote. Set new times in the conference first."],
)
def set_rules(request: PersonRequest, slug: Slug, form: RulesToSet) -> RulesOfVote:
    """Voting opens only after they are set."""
    conference = conference_with_slug(request, slug, CHANGE)
    stored = Election.objects.get(pk=conference.pk)
    chosen = cleaned(RulesForm(typed(form.model_dump()), instance=stored))
    actions.set_rules(conference=conference, by=actor_of(request), **chosen)
    return RulesOfVote.of(conference_with_slug(request, slug, CHANGE))
