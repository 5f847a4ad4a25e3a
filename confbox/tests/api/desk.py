"""What programs send to the desk of a vote, and the vote as it is now."""

from conferences.models import Conference

REASON = {"reason": "The hall is booked."}
RULES = {
    "results_visibility": "after_decision",
    "late_joiners": "may_vote",
    "ties": "tied_only",
    "publishes_participants": False,
    "window_needs_consent": False,
}


def now(conference):
    return Conference.objects.as_of_now().select_related("election").get(pk=conference.pk)
