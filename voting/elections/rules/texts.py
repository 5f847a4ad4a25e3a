"""What voters read on the ballot about each rule of the vote."""

from django.utils.translation import gettext as _

from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.election.models import Election
from voting.elections.results import is_tally_live, was_tally_live


def what_members_see(conference: Conference) -> list[str]:
    if conference.election.results_visibility == Election.ResultsVisibility.LIVE:
        return [_("Members see the count while voting is open.")]
    if conference.election.results_visibility == Election.ResultsVisibility.AFTER_CLOSE:
        return [_("Members see the count after voting has closed.")]
    return [_("Members see the count after the chosen speaker has accepted.")]


def what_organisers_see(conference: Conference) -> list[str]:
    if is_tally_live(conference):
        return [_("Organisers see the votes of each candidate while voting is open.")]
    return [
        _(
            "While voting is open, organisers see how many members have voted. They see the "
            "votes of each candidate only after it has closed."
        )
    ]


def who_may_vote(conference: Conference) -> list[str]:
    if conference.election.only_roster_votes():
        return [
            _(
                "Only members who are on the organisers’ list of participants may vote. What counts is "
                "the list as it is when voting opens; people on it may vote even if they join later."
            )
        ]
    if conference.election.late_joiners == Election.LateJoiners.MAY_VOTE:
        return [_("Members who join before voting closes may vote.")]
    time = in_zone(conference, conference.election.opens_at)
    return [_("Only members who joined before voting opened may vote: %(time)s.") % {"time": time}]


def what_a_tie_means(conference: Conference) -> list[str]:
    if conference.election.ties == Election.Ties.TIED_ONLY:
        return [_("If there is a tie, the organisers choose one of the tied members and give a reason.")]
    return [_("If there is a tie, the organisers choose any member and give a reason.")]


def how_secret_votes_are(conference: Conference) -> list[str]:
    if was_tally_live(conference):
        return [_live_secrecy(conference), _live_participants(conference)]
    if conference.election.publishes_participants:
        return [
            _(
                "No member or organiser learns whom you voted for. With the result, members see "
                "who voted, unless fewer than five did or the count would reveal how a member "
                "voted."
            )
        ]
    return [
        _("No member or organiser learns whom you voted for, and members do not learn whether you voted.")
    ]


def _live_secrecy(conference: Conference) -> str:
    if is_tally_live(conference):
        return _(
            "No one is shown whom you voted for. However, anyone who sees the live count can "
            "find out by watching it while you vote, change your vote or withdraw it. If you "
            "leave, are excluded or lose your account before voting closes, they can also "
            "find out by comparing the last live count with the published one."
        )
    return _(
        "No one is shown whom you voted for. However, the count was live for a time, and "
        "anyone who saw it then can find out if they watched it while you voted, changed "
        "your vote or withdrew it. If you leave, are excluded or lose your account "
        "before voting closes, they can also find out by comparing that count with the "
        "published one."
    )


def _live_participants(conference: Conference) -> str:
    if conference.election.publishes_participants:
        return _(
            "With the result, members see who voted, unless fewer than five did or the count "
            "would reveal how a member voted."
        )
    return _("Members are not shown whether you voted.")


def whether_two_decide(conference: Conference) -> list[str]:
    if not conference.election.window_needs_consent:
        return []
    return [_("Organisers can change the deadline or close voting early only if a second organiser agrees.")]
