"""The rules of a vote, in the order of the form and of the ballot."""

import operator
from typing import Any

from django.utils.translation import gettext as _

from conferences.models import Conference, Membership
from voting.elections.election.models import Election
from voting.elections.rules import texts
from voting.elections.rules.rule import Rule, from_laxest, says_nothing


def _roll_is_fixed(conference: Conference, choice: Any) -> str:
    if choice == conference.election.who_votes:
        return ""
    return _("The list of voters was fixed under this rule when voting opened.")


def _late_joiners_vote(conference: Conference, choice: Any) -> str:
    """Does not check whether they voted: a refusal would reveal that about a single late joiner."""
    if choice in (conference.election.late_joiners, Election.LateJoiners.MAY_VOTE):
        return ""
    late = Membership.objects.filter(conference=conference, joined_at__gt=conference.election.opens_at)
    return _("Members have joined since voting opened, and their votes count.") if late.exists() else ""


RULES = [
    Rule(
        field="who_votes",
        strictness=from_laxest("members", "roster"),
        # Its sentence depends on who joined late, too.
        in_words=says_nothing,
        refusal_once_open=_roll_is_fixed,
        stays_if_left_out=True,
    ),
    Rule(
        field="results_visibility",
        strictness=from_laxest("live", "after_close", "after_decision"),
        in_words=texts.what_members_see,
    ),
    Rule(
        field="organisers_see_tally",
        strictness=from_laxest("live", "after_close"),
        in_words=texts.what_organisers_see,
        stays_if_left_out=True,
    ),
    Rule(
        field="late_joiners",
        strictness=from_laxest("may_vote", "may_not_vote"),
        in_words=texts.who_may_vote,
        refusal_once_open=_late_joiners_vote,
    ),
    Rule(
        field="ties",
        strictness=from_laxest("any_member", "tied_only"),
        in_words=texts.what_a_tie_means,
    ),
    Rule(
        field="publishes_participants",
        strictness=operator.not_,
        in_words=texts.how_secret_votes_are,
    ),
    Rule(
        field="window_needs_consent",
        strictness=bool,
        in_words=texts.whether_two_decide,
    ),
]


def rules_in_words(conference: Conference) -> list[str]:
    """What a voter should know before voting."""
    return [sentence for rule in RULES for sentence in rule.in_words(conference)]
