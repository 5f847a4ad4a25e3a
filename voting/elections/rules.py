"""The rules of a vote: before it opens they can change freely, afterwards only become stricter."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Decision
from voting.elections.results import is_tally_live, was_tally_live
from voting.elections.tally import TallyResult

# Each rule's choices, from the least strict to the strictest.
STRICTNESS: dict[str, list[Any]] = {
    "who_votes": ["members", "roster"],
    "results_visibility": ["live", "after_close", "after_decision"],
    "organisers_see_tally": ["live", "after_close"],
    "late_joiners": ["may_vote", "may_not_vote"],
    "ties": ["any_member", "tied_only"],
    "publishes_participants": [True, False],
    "window_needs_consent": [False, True],
}


def set_rules(
    *,
    conference: Conference,
    results_visibility: str,
    late_joiners: str,
    ties: str,
    publishes_participants: bool = False,
    organisers_see_tally: str = Election.OrganisersSeeTally.AFTER_CLOSE,
    window_needs_consent: bool = False,
    who_votes: str = Election.WhoVotes.MEMBERS,
    by: Actor,
) -> Election:
    """Sets the rules of the vote, without which it does not open.

    Raises:
        ValidationError: voting has opened and a rule would become less strict, or people who joined late
            have already voted; the messages have the names of the rules as keys.
    """
    rules: dict[str, Any] = {
        "who_votes": who_votes,
        "results_visibility": results_visibility,
        "organisers_see_tally": organisers_see_tally,
        "late_joiners": late_joiners,
        "ties": ties,
        "publishes_participants": publishes_participants,
        "window_needs_consent": window_needs_consent,
    }
    chosen = ", ".join(f"{name}: {choice}" for name, choice in rules.items())
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        _refuse_too_late(locked)
        refuse_laxer_rules(conference=locked, rules=rules)
        was_live = was_tally_live(locked) and not _is_before_opening(locked)
        _store(locked.election, rules | {"tally_was_live": was_live})
        log_act(by=by, act="rules", target=locked, reason=chosen)
    conference.refresh_from_db()
    return locked.election


def _store(election: Election, rules: dict[str, Any]) -> None:
    for name, choice in rules.items():
        setattr(election, name, choice)
    election.rules_set_at = election.rules_set_at or election.now
    election.save(update_fields=[*rules, "rules_set_at", "updated_at"])


def _refuse_too_late(conference: Conference) -> None:
    closes = conference.election.closes_at
    if conference.election.rules_set_at is None and closes and closes <= conference.now:
        raise ValidationError(
            _("The voting times have passed without a vote. Set new times in the conference first.")
        )


def refuse_laxer_rules(*, conference: Conference, rules: dict[str, Any]) -> None:
    """Raises ValidationError if voting has opened and these rules are less strict than its own."""
    if _is_before_opening(conference):
        return
    refusals = {}
    for name, order in STRICTNESS.items():
        if order.index(rules[name]) < order.index(getattr(conference.election, name)):
            refusals[name] = _("Voting has opened, so this rule can only become stricter.")
    tightened = conference.election.late_joiners == "may_vote" and rules["late_joiners"] == "may_not_vote"
    if tightened and _has_late_joiners(conference):
        refusals["late_joiners"] = _("Members have joined since voting opened, and their votes count.")
    if rules["who_votes"] != conference.election.who_votes:
        refusals["who_votes"] = _("The electoral roll was fixed under this rule when voting opened.")
    if refusals:
        raise ValidationError(refusals)


def _is_before_opening(conference: Conference) -> bool:
    return conference.election.state() in (VotingState.UNSCHEDULED, VotingState.SCHEDULED)


def _has_late_joiners(conference: Conference) -> bool:
    """Does not check whether they voted: a refusal would reveal that about a single late joiner."""
    late = Membership.objects.filter(conference=conference, joined_at__gt=conference.election.opens_at)
    return late.exists()


def refuse_outside_tie(*, conference: Conference, tally: TallyResult, candidate: Membership) -> None:
    """Raises ValidationError if the rules require one of the tied members and this is not one.

    Members who left or have declined are ignored.
    """
    if conference.election.ties != Election.Ties.TIED_ONLY or len(tally.leaders) < 2:
        return
    gone = Decision.objects.filter(election=conference.election).exclude(answer__in=Decision.CURRENT)
    tied = Membership.objects.of_active_people().filter(pk__in=[s.candidate.pk for s in tally.leaders])
    eligible = set(tied.exclude(pk__in=gone.values("speaker")).values_list("pk", flat=True))
    if eligible and candidate.pk not in eligible:
        raise ValidationError(_("Under the rules of this vote, one of the tied members has to be chosen."))


def rules_in_words(conference: Conference) -> list[str]:
    """What a voter should know before voting, one sentence per rule."""
    return [
        _results_in_words(conference),
        _organisers_in_words(conference),
        _voters_in_words(conference),
        _ties_in_words(conference),
        *_secrecy_in_words(conference),
        *_consent_in_words(conference),
    ]


def _secrecy_in_words(conference: Conference) -> list[str]:
    if was_tally_live(conference):
        return [_live_secrecy_in_words(conference), _live_participants_in_words(conference)]
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


def _live_secrecy_in_words(conference: Conference) -> str:
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


def _live_participants_in_words(conference: Conference) -> str:
    if conference.election.publishes_participants:
        return _(
            "With the result, members see who voted, unless fewer than five did or the count "
            "would reveal how a member voted."
        )
    return _("Members are not shown whether you voted.")


def _consent_in_words(conference: Conference) -> list[str]:
    if not conference.election.window_needs_consent:
        return []
    return [_("Organisers can change the deadline or close voting early only if a second organiser agrees.")]


def _results_in_words(conference: Conference) -> str:
    if conference.election.results_visibility == Election.ResultsVisibility.LIVE:
        return _("Members see the count while voting is open.")
    if conference.election.results_visibility == Election.ResultsVisibility.AFTER_CLOSE:
        return _("Members see the count after voting has closed.")
    return _("Members see the count after the chosen speaker has accepted.")


def _organisers_in_words(conference: Conference) -> str:
    if is_tally_live(conference):
        return _("Organisers see the votes of each candidate while voting is open.")
    return _(
        "While voting is open, organisers see how many members have voted. They see the "
        "votes of each candidate only after it has closed."
    )


def tally_refusal(conference: Conference) -> str:
    """Why an organiser does not see votes per candidate yet, and when they will."""
    if time := in_zone(conference, conference.election.closes_at):
        return _("Votes per candidate are secret until voting closes on %(time)s.") % {"time": time}
    return _("Votes per candidate are secret until voting has closed.")


def _voters_in_words(conference: Conference) -> str:
    if conference.election.only_roster_votes():
        return _(
            "Only members who are on the organisers’ list of participants may vote. What counts is "
            "the list as it is when voting opens; people on it may vote even if they join later."
        )
    if conference.election.late_joiners == Election.LateJoiners.MAY_VOTE:
        return _("Members who join before voting closes may vote.")
    time = in_zone(conference, conference.election.opens_at)
    return _("Only members who joined before voting opened may vote: %(time)s.") % {"time": time}


def _ties_in_words(conference: Conference) -> str:
    if conference.election.ties == Election.Ties.TIED_ONLY:
        return _("If there is a tie, the organisers choose one of the tied members and give a reason.")
    return _("If there is a tie, the organisers choose any member and give a reason.")
