from accounts.models import User
from conferences.models import Conference, Membership, VotingState


def may_see_results(*, user: User, conference: Conference) -> bool:
    """Whether this person may see the results of this conference now.

    Page, API, export, feed, mail and chart all ask here. Organisers read the tally in the admin
    by permission; this is the members' side.
    """
    current = Membership.objects.current().filter(conference=conference, user=user)
    return _are_results_out(conference) and current.exists()


def _are_results_out(conference: Conference) -> bool:
    state, rule = conference.voting_state(), conference.results_visibility
    if state == VotingState.DECIDED:
        return True
    if state == VotingState.CLOSED:
        return rule != Conference.ResultsVisibility.AFTER_DECISION
    return state == VotingState.OPEN and rule == Conference.ResultsVisibility.LIVE
