from accounts.models import User
from conferences.models import Conference, Membership, VotingState
from voting.models import Decision


def may_see_results(*, user: User, conference: Conference) -> bool:
    """Whether this person may see the results of this conference now.

    Page, API, export, feed, mail and chart all ask here. Organisers read the tally in the admin
    by permission; this is the members' side.
    """
    current = Membership.objects.current().filter(conference=conference, user=user)
    return _are_results_out(conference) and current.exists()


def leads_to_result(*, membership: Membership, conference: Conference) -> bool:
    """Whether the page of results shows this current member anything: the results, or their own decision."""
    return _are_results_out(conference, chosen=membership)


def _are_results_out(conference: Conference, chosen: Membership | None = None) -> bool:
    state, rule = conference.voting_state(), conference.results_visibility
    if state == VotingState.OPEN:
        return rule == Conference.ResultsVisibility.LIVE
    if state == VotingState.CLOSED and rule != Conference.ResultsVisibility.AFTER_DECISION:
        return True
    # What members have been told does not become secret when the speaker steps down.
    decisions = Decision.objects.filter(conference=conference)
    told = decisions.announced()
    return (told | decisions.standing().filter(speaker=chosen) if chosen else told).exists()


def visible_decision(*, membership: Membership) -> Decision | None:
    """The standing decision as this member may know it: one's own at once, others' once accepted."""
    standing = Decision.objects.standing().filter(conference=membership.conference_id)
    decision = standing.select_related("speaker__user").first()
    if decision is None or decision.speaker_id == membership.pk:
        return decision
    return decision if decision.answer == Decision.Answer.ACCEPTED else None
