"""What merging two conferences means for their votes: no vote ever moves, and no closed list grows."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conferences.consent.acts import is_required
from conferences.local_times import in_zone
from conferences.merging.people import Merge, People
from conferences.merging.rules import why_not_to_add_entries
from conferences.models import RosterEntry
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election, VotingState
from voting.elections.election.two_people import ROLL
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.moderation.models import Report
from voting.elections.roll.actions import enter_late_joiners, freeze_roll


def why_not_to_merge(merge: Merge) -> str:
    duplicate, stays = merge.duplicate.election, merge.stays.election
    if Decision.objects.filter(election=duplicate).exists() or duplicate.decided_at or duplicate.speaker_id:
        return (
            _("A speaker has been chosen at %(duplicate)s, so it cannot be merged into another conference.")
            % merge.names()
        )
    if _has_begun(duplicate):
        return _of_votes(merge)
    if stays.only_roster_votes() and (refusal := why_not_to_add_entries(merge)):
        return refusal
    is_added = stays.is_open() and stays.late_joiners_may_vote() and not stays.only_roster_votes()
    if is_added and is_required(ROLL, merge.stays):
        return (
            _(
                "Voting at %(stays)s is open, and a second person has to confirm who is added to the list "
                "of voters. Merge the conferences when voting has closed."
            )
            % merge.names()
        )
    return ""


def _has_begun(election: Election) -> bool:
    is_frozen = election.roll_frozen_at is not None
    return election.has_opened() or is_frozen or Vote.objects.filter(election=election).exists()


def _of_votes(merge: Merge) -> str:
    """Moving a vote would show who had voted, or whom for, so the way out is the other direction."""
    if _has_begun(merge.stays.election):
        said = _(
            "Voting has opened at both conferences, and votes stay where they were cast, so the two can no "
            "longer be merged. You can cancel one of them and tell its members why."
        )
        return said % merge.names()
    said = _(
        "Voting at %(duplicate)s has opened, and votes stay where they were cast. Keep %(duplicate)s, and "
        "merge %(stays)s into it instead."
    )
    return said % merge.names()


def close_list(merge: Merge) -> None:
    """Before anyone moves: who votes from the beginning is who was a member then."""
    freeze_roll(conference=merge.stays)


def move_with_members(merge: Merge, people: People) -> None:
    """A pitch and the reports about it follow the person, unless they have a pitch there or it was hidden."""
    for member, other in people.pairs:
        if member.pitch_hidden_at is None and not Pitch.objects.filter(membership=other).exists():
            Pitch.objects.filter(membership=member).update(membership=other)
        for report in Report.objects.filter(membership=member):
            _move_report(report, other.pk)
    enter_late_joiners(lock_election(merge.stays.pk))


def _move_report(report: Report, membership_id: int) -> None:
    """Of two that wait, about the same and by the same person, one is enough; one place answers all."""
    waiting = Report.objects.filter(membership=membership_id, subject=report.subject, settled_at=None)
    times = {time for time in waiting.values_list("passed_on_at", flat=True) if time}
    if report.settled_at is None and report.passed_on_at:
        times.add(report.passed_on_at)
    is_by_someone = report.settled_at is None and report.reported_by_id is not None
    if not (is_by_someone and waiting.filter(reported_by=report.reported_by_id).exists()):
        Report.objects.filter(pk=report.pk).update(membership=membership_id)
    if times:
        waiting.filter(passed_on_at=None).update(passed_on_at=min(times))


def consequences_of_merging(merge: Merge, people: People) -> list[str]:
    if not people.number:
        return []
    election = merge.stays.election
    if election.is_count_final() or election.state() == VotingState.CANCELLED:
        return [_("Voting at %(stays)s has closed, so the new members cannot vote.") % merge.names()]
    if election.only_roster_votes():
        return [_of_roster(merge, people)]
    if not election.is_open():
        return [_("When voting at %(stays)s opens, new members can vote like all others.") % merge.names()]
    if not election.late_joiners_may_vote():
        return [
            _(
                "Voting at %(stays)s is open, and members who join after it opened cannot vote, so neither "
                "can the new ones."
            )
            % merge.names()
        ]
    said = _(
        "Voting at %(stays)s is open until %(closes)s. The new members can vote, and are counted in public "
        "as members who joined after it opened."
    )
    return [said % merge.names(closes=in_zone(merge.stays, election.closes_at))]


def _of_roster(merge: Merge, people: People) -> str:
    entries = RosterEntry.objects.present().filter(conference=merge.stays, membership=None)
    mailboxes = set(entries.values_list("mailbox", flat=True))
    members = [*people.moving, *(member for member, _left in people.returning)]
    missing = sum(member.user.email not in mailboxes for member in members)
    if not missing:
        return _("Only people on the roster of %(stays)s vote. All new members are on it.") % merge.names()
    sentence = ngettext(
        "Only people on the roster of %(stays)s vote. The account of %(n)d new member is not on it, so "
        "they cannot vote unless they have a ticket under another email address.",
        "Only people on the roster of %(stays)s vote. The accounts of %(n)d new members are not on it, so "
        "they cannot vote unless they have a ticket under another email address.",
        missing,
    )
    return sentence % merge.names(n=missing)
