from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import User
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Decision

OVER = (VotingState.CLOSED, VotingState.DECIDED)


def may_see_tally(user: User | AnonymousUser, conference: Conference) -> bool:
    """Whether this person may see votes per candidate of this conference now: the only place that decides it.

    Desk, charts, exports, admin columns and members' pages ask here. Until voting has closed by the
    database's clock, no one sees them unless the rules of the vote, which the ballot shows, allow it.
    """
    if not user.is_authenticated:
        return False
    if user.has_perm("voting.view_election", conference) and is_tally_out_to_organisers(conference):
        return True
    return may_see_results(user=user, conference=conference)


def is_tally_out_to_organisers(conference: Conference) -> bool:
    return conference.election.state() in OVER or is_tally_live(conference)


def tally_refusal(conference: Conference) -> str:
    """Why an organiser does not see votes per candidate yet, and when they will."""
    if time := in_zone(conference, conference.election.closes_at):
        return _("Votes per candidate are secret until voting closes on %(time)s.") % {"time": time}
    return _("Votes per candidate are secret until voting has closed.")


def is_tally_live(conference: Conference) -> bool:
    """Whether organisers see the tally while voting is open. What members see, they see as well."""
    live = Election.OrganisersSeeTally.LIVE, Election.ResultsVisibility.LIVE
    return (
        conference.election.organisers_see_tally == live[0]
        or conference.election.results_visibility == live[1]
    )


def was_tally_live(conference: Conference) -> bool:
    """Whether the tally is live, or was until the rules of the open vote became stricter.

    A reader who compares the last live tally with the published one can see whom a member chose who left or
    was excluded. Pages say so where this is true.
    """
    return is_tally_live(conference) or conference.election.tally_was_live


def may_see_results(*, user: User, conference: Conference) -> bool:
    """Whether this person may see the results of this conference now, as one of its members."""
    current = Membership.objects.current().filter(conference=conference, user=user)
    return _are_results_out(conference) and current.exists()


def sees_results(membership: Membership, user: User) -> bool:
    """As `may_see_results`, also for a person of the team who reads what members see."""
    conference = membership.conference
    if membership.reads_only:
        return _are_results_out(conference)
    return may_see_results(user=user, conference=conference)


def decisions_of(conference: Conference) -> list[Decision]:
    """All of them, newest first; some are no one else's business."""
    return list(Decision.objects.filter(election=conference.pk).defer("tally", "reason", "decline_reason"))


def result_for(*, membership: Membership, conference: Conference, decisions: list[Decision]) -> str:
    """What the results page shows this current member.

    "asked": they are chosen and have not answered; "shown": the results, or their own decision; "":
    nothing.
    """
    if (by_rule := _are_out_by_rule(conference)) is False:
        return ""
    known = [each for each in decisions if _may_know(membership, each)]
    if any(each.answer == Decision.Answer.PENDING for each in known):
        return "asked"
    return "shown" if by_rule or known else ""


def _may_know(membership: Membership, decision: Decision) -> bool:
    is_own = decision.answer in Decision.CURRENT and decision.speaker_id == membership.pk
    return is_own or decision.answer in Decision.ANNOUNCED


def _are_results_out(conference: Conference) -> bool:
    by_rule = _are_out_by_rule(conference)
    # What members have been notified of does not become secret when the speaker steps down.
    announced = Decision.objects.announced().filter(election=conference.pk)
    return announced.exists() if by_rule is None else by_rule


def _are_out_by_rule(conference: Conference) -> bool | None:
    """Whether the rule alone decides it; None leaves it to the decisions."""
    state, rule = conference.election.state(), conference.election.results_visibility
    if state == VotingState.OPEN:
        return rule == Election.ResultsVisibility.LIVE
    if state == VotingState.CLOSED and rule != Election.ResultsVisibility.AFTER_DECISION:
        return True
    return None


def no_longer_speaking(decisions: list[Decision]) -> Decision | None:
    """The choice of the speaker whom members were notified of, if they no longer speak."""
    last = next((each for each in decisions if each.answer in Decision.ANNOUNCED), None)
    return last if last and last.answer != Decision.Answer.ACCEPTED else None


def visible_decision(*, membership: Membership) -> Decision | None:
    """The current decision, if this member may know it: their own immediately, others' once accepted."""
    current = Decision.objects.current().filter(election=membership.conference_id)
    decision = current.select_related("speaker__user").first()
    if decision is None or decision.speaker_id == membership.pk:
        return decision
    return decision if decision.answer == Decision.Answer.ACCEPTED else None
