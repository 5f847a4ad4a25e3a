"""What merging two conferences means for their votes: no vote ever moves, and no closed list grows."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conferences.changes.rules import CANCELLING
from conferences.consent.acts import is_required
from conferences.local_times import in_zone
from conferences.merging.people import Merge, People, has_new_members
from conferences.merging.refusals import Refusal, Way, way_to_cancel
from conferences.merging.rules import why_not_to_add_entries
from conferences.models import Conference, Membership, RosterEntry
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election, VotingState
from voting.elections.election.two_people import ROLL
from voting.elections.emails import notify_of_lost_pitch
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.moderation.models import Report
from voting.elections.roll.actions import enter_late_joiners, freeze_roll
from voting.elections.roll.models import RollChange, RollEntry


def why_never_to_merge(duplicate: Conference) -> Refusal | None:
    """Whichever conference stays."""
    return _of_duplicate(duplicate, str(duplicate))


def _of_duplicate(duplicate: Conference, name: str) -> Refusal | None:
    """Moving a vote would show who had voted, or whom for, so the way out is the other direction."""
    election = duplicate.election
    if Decision.objects.filter(election=election).exists() or election.decided_at or election.speaker_id:
        said = _(
            "A speaker has been chosen at %(duplicate)s, so it cannot be merged into another conference."
        )
    elif _is_bound(election):
        said = _(
            "At %(duplicate)s, members have voted or voting has closed, and votes stay where they were cast. "
            "Keep %(duplicate)s, and merge the other conference into it instead."
        )
    elif RollChange.objects.filter(entry__election=election).exists():
        said = _(
            "Organisers have changed who can vote at %(duplicate)s, so it cannot be merged into another "
            "conference."
        )
    else:
        return None
    return Refusal(said % {"duplicate": name}, _cancel(duplicate, name), is_final=True)


def _is_bound(election: Election) -> bool:
    """Turnout shows organisers whether anyone has voted, so a refusal says nothing more."""
    return election.has_closed() or Vote.objects.filter(election=election).exists()


def _cancel(conference: Conference, name: str) -> tuple[Way, ...]:
    return way_to_cancel(_("Cancel %(conference)s") % {"conference": name}, conference)


def why_not_to_move(merge: Merge) -> Refusal | None:
    names = merge.names()
    if all(_is_bound(conference.election) for conference in merge.pair):
        said = _(
            "At both conferences, members have voted or voting has closed, and votes stay where they were "
            "cast, so the two can no longer be merged. You can cancel one of them and tell its members why."
        )
    elif _is_bound(merge.duplicate.election) and _is_final_the_other_way(merge):
        said = _(
            "At %(duplicate)s, members have voted or voting has closed, and votes stay where they were cast. "
            "%(stays)s cannot be merged into it either. You can cancel one of them and tell its members why."
        )
    else:
        return _of_duplicate(merge.duplicate, names["duplicate"])
    ways = (_cancel(merge.duplicate, names["duplicate"]), _cancel(merge.stays, names["stays"]))
    return Refusal(said % names, ways[0] + ways[1], is_final=True)


def _is_final_the_other_way(merge: Merge) -> bool:
    """So that no refusal advises what another one refuses."""
    back = Merge(duplicate=merge.stays, stays=merge.duplicate)
    found = (_of_duplicate(back.duplicate, ""), why_not_to_end_vote(back), why_not_to_add_voters(back))
    return any(refusal.is_final for refusal in found if refusal)


def why_not_to_end_vote(merge: Merge) -> Refusal | None:
    if not is_required(CANCELLING, merge.duplicate) or _all_can_vote(merge):
        return None
    names = merge.names()
    said = _(
        "Voting at %(duplicate)s is open, its members could not vote at %(stays)s, and a second person has "
        "to confirm what ends an open vote."
    )
    return Refusal(said % names, _cancel(merge.duplicate, names["duplicate"]), is_final=True)


def _all_can_vote(merge: Merge) -> bool:
    """Whether all new members can vote at the conference that stays, or there are none."""
    election = merge.stays.election
    is_too_late = election.has_opened() and not election.late_joiners_may_vote()
    may_vote = not (election.is_count_final() or election.only_roster_votes() or is_too_late)
    return may_vote or not has_new_members(merge)


def why_not_to_add_voters(merge: Merge) -> Refusal | None:
    stays = merge.stays.election
    if stays.only_roster_votes():
        return why_not_to_add_entries(merge)
    is_open_to_new = stays.is_open() and stays.late_joiners_may_vote()
    if not (is_open_to_new and is_required(ROLL, merge.stays) and has_new_members(merge)):
        return None
    names = merge.names()
    said = _(
        "Voting at %(stays)s is open. A merge would make the members of %(duplicate)s voters there, and no "
        "organiser makes others voters alone. Cancel %(duplicate)s and write in the reason where its members "
        "can join instead."
    )
    return Refusal(said % names, _cancel(merge.duplicate, names["duplicate"]), is_final=True)


WHY_NOT = [why_not_to_move, why_not_to_end_vote, why_not_to_add_voters]


def close_list(merge: Merge) -> None:
    """Before anyone moves: who votes from the beginning is who was a member then.

    The list of the duplicate goes with its vote, at which no one has voted.
    """
    freeze_roll(conference=merge.stays)
    RollEntry.objects.filter(election=merge.duplicate.election).delete()


def move_with_members(merge: Merge, people: People) -> None:
    """A pitch and the reports about it follow the person, unless they have a pitch there or it was hidden.

    They get the text of one that is not kept.
    """
    for member, other in people.pairs:
        _keep_or_send_pitch(merge, member, other)
        for report in Report.objects.filter(membership=member):
            _move_report(report, other.pk)
    enter_late_joiners(lock_election(merge.stays.pk))


def _keep_or_send_pitch(merge: Merge, member: Membership, other: Membership) -> None:
    pitch, kept = (Pitch.objects.filter(membership=each).first() for each in (member, other))
    if pitch is None:
        return
    if kept is None and member.pitch_hidden_at is None:
        Pitch.objects.filter(membership=member).update(membership=other)
    elif member.user.is_active and (kept is None or kept.whole_text != pitch.whole_text):
        notify_of_lost_pitch(merge=merge, person=member.user, text=pitch.whole_text, has_other=bool(kept))


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
    return [*_of_open_duplicate(merge), *_of_new_members(merge, people)]


def _of_open_duplicate(merge: Merge) -> list[str]:
    if not merge.duplicate.election.is_open():
        return []
    return [_("Voting at %(duplicate)s is open, and no one has voted. It ends.") % merge.names()]


def _of_new_members(merge: Merge, people: People) -> list[str]:
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
    missing = sum(member.user.email not in mailboxes for member in people.new)
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
