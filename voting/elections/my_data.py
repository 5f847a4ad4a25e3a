"""A person's votes, pitches and decisions, for the download and the deletion of their data."""

from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import User
from accounts.my_data.erasure import NAMELESS, forget_in_records
from accounts.my_data.export import columns_of
from accounts.my_data.parts import Part
from confbox.kit.clock import database_now
from conferences import actions as conference_actions
from conferences.models import ConsentRequest, Membership
from voting.elections import actions
from voting.elections.election.models import VotingState
from voting.elections.election.two_people import EXCLUSION, HIDING, ROLL
from voting.elections.models import Decision, Pitch, Vote, WindowChange
from voting.elections.moderation.models import Report
from voting.elections.receipts.actions import forget_names, publish_closed_ballots
from voting.elections.results import was_tally_live
from voting.elections.roll.actions import forget_voter
from voting.elections.roll.models import RollChange, RollEntry

# Not of a rehearsal.
REAL = Q(election__conference__rehearses=None)
# Words of the one who was reported, and of the team.
OF_OTHERS = {"shown_text", "shown_picture", "note", "settled_by", "waiting_reporter"}


def export(user: User) -> dict[str, Any]:
    return {
        "decisions_taken_as_organiser": [
            columns_of(row, but={"decline_reason"}) for row in Decision.objects.filter(REAL, decided_by=user)
        ],
        "voting_windows_changed_as_organiser": [
            columns_of(row) for row in WindowChange.objects.filter(REAL, Q(by=user) | Q(agreed_by=user))
        ],
        "electoral_rolls_changed_as_organiser": [
            columns_of(row) for row in RollChange.objects.filter(by=user)
        ],
        "reports": [
            columns_of(row, but=OF_OTHERS) for row in Report.objects.filter(reported_by=user).order_by("pk")
        ],
        "reports_settled_as_organiser": Report.objects.filter(settled_by=user).count(),
    }


def of_membership(membership: Membership) -> dict[str, Any]:
    vote = Vote.objects.filter(voter=membership).select_related("candidate__user").first()
    pitch = Pitch.objects.filter(membership=membership).first()
    return {
        "vote": columns_of(vote) | {"candidate": str(vote.candidate)} if vote else None,
        "pitch": columns_of(pitch) if pitch else None,
        "electoral_roll": [columns_of(row) for row in RollEntry.objects.filter(membership=membership)],
        "chosen_as_speaker": [
            columns_of(row, but={"tally"}) for row in Decision.objects.filter(speaker=membership)
        ],
    }


def consequences(user: User) -> dict[str, Any]:
    current = Membership.objects.current().filter(user=user).select_related("conference__election")
    votes = list(Vote.objects.valid().filter(voter__user=user).select_related("election__conference"))
    still_open = [vote for vote in votes if not vote.election.is_count_final()]
    return {
        "given_up": _given_up(user),
        "open_votes": len(still_open),
        "live_votes": sum(was_tally_live(vote.election.conference) for vote in still_open),
        "counted_votes": len(votes) - len(still_open),
        "frees_votes": any(member.conference.election.state() == VotingState.OPEN for member in current),
    }


def _given_up(user: User) -> list[Decision]:
    """The decisions that this person would decline or step down from; past ones stay."""
    current = Decision.objects.current().filter(speaker__user=user).select_related("election__conference")
    return [decision for decision in current if not decision.election.conference.is_over()]


def leave(by: Actor) -> None:
    """Leaves every conference and withdraws open votes.

    Votes in closed elections stay as counted, without a name.
    """
    # A vote that has closed but not been counted is counted first, including the person's vote.
    publish_closed_ballots(member=by.user)
    for membership in Membership.objects.filter(user=by.user).select_related("conference", "user"):
        _leave(membership, by)


def _leave(membership: Membership, by: Actor) -> None:
    """The speaker of a past conference stays its speaker, without a name."""
    if membership.conference.is_over():
        conference_actions.end_membership(membership=membership, now=database_now())
    else:
        actions.leave_conference(membership=membership, by=by)


def delete(user: User) -> None:
    memberships = list(Membership.objects.filter(user=user).select_related("conference", "user"))
    for theirs in (
        Pitch.objects.filter(membership__user=user),
        Decision.objects.filter(speaker__user=user),
    ):
        forget_in_records(theirs)
    Pitch.objects.filter(membership__user=user).delete()
    Report.objects.filter(membership__user=user).delete()
    # Those of this person stay for the team, without their words and without them.
    Report.objects.filter(reported_by=user).update(reported_by=None, text="")
    Decision.objects.filter(speaker__user=user).update(decline_reason="")
    forget_voter(user=user)
    _forget_names(memberships)
    subjects = [f"member {membership.pk}" for membership in memberships]
    about = ConsentRequest.objects.filter(subject__in=subjects)
    about.filter(act__in=(EXCLUSION, HIDING, ROLL)).update(reason="")
    for membership in memberships:
        # Without the text of the pitch.
        hiding = about.filter(act=HIDING, subject=f"member {membership.pk}")
        hiding.update(payload={"member": membership.pk})


def _forget_names(memberships: list[Membership]) -> None:
    """Removes this person's name from records, found by ID. Figures and texts by others stay."""
    ids = {membership.pk for membership in memberships}
    Decision.objects.filter(speaker__in=ids).update(speaker_name=NAMELESS)
    for decision in Decision.objects.filter(election__in=[m.conference_id for m in memberships]):
        for standing in decision.tally.get("standings", []):
            if standing.get("member") in ids:
                standing["name"] = NAMELESS
        decision.save(update_fields=["tally"])
    forget_names(members=memberships)


PART = Part(
    export=export,
    consequences=consequences,
    leave=leave,
    delete=delete,
    goes="voting/elections/my_data/_goes.html",
    stays="voting/elections/my_data/_stays.html",
)
