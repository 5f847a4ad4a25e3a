"""The electoral roll: frozen when voting opens, exactly once, and afterwards changed only in public.

A person who joins holds a share lock on the election from before they read the clock until they are stored,
and freezing locks the election alone: so a person has either joined by then, or joins later.
"""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from confbox.kit.clock import DatabaseNow
from confbox.kit.outcomes import Change
from conferences.consent.acts import is_required, refuse_alone
from conferences.models import Conference, Membership, RosterEntry
from conferences.outbox.events import emit
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.election.two_people import ROLL
from voting.elections.events import VOTING_OPENED
from voting.elections.roll.changes import lock_for_change, put_on_roll, record_change
from voting.elections.roll.digests import digest_of
from voting.elections.roll.entries import (
    entries_at_opening,
    entries_of_late_joiners,
    entry_of_listed,
    entry_of_member,
)
from voting.elections.roll.models import RollChange, RollEntry
from voting.elections.voiding import Why, restore_vote_of, void_vote_of

Kind = RollEntry.Kind
FROZEN_COLUMNS = ["roll_frozen_at", "roll_size", "roll_digest", "consent_at_opening"]


def freeze_roll(*, conference: Conference) -> Change:
    """Stores who may vote, once voting has opened. No change if it is frozen or voting has not opened."""
    with transaction.atomic():
        election = lock_election(conference.pk)
        if election.roll_frozen_at or not election.has_opened():
            return Change.NONE
        entries = entries_at_opening(election)
        RollEntry.objects.bulk_create(entries, batch_size=500)
        election.roll_frozen_at, election.roll_size = election.now, len(entries)
        election.roll_digest = digest_of(entry.leaf for entry in entries)
        series = election.conference.series
        election.consent_at_opening = series.needs_consent if series else []
        election.save(update_fields=FROZEN_COLUMNS)
        RollEntry.objects.bulk_create(entries_of_late_joiners(election), batch_size=500)
        emit(VOTING_OPENED, election.conference, only_once=True)
    return Change.MADE


def ensure_frozen(*, conference: Conference, membership: Membership | None = None) -> None:
    """Freezes the roll when an election that has opened is first read.

    If `membership` is given, it is reloaded, so that it has its entry.
    """
    election = conference.election
    if conference.is_preview or election.roll_frozen_at or not election.has_opened():
        return
    freeze_roll(conference=conference)
    election.refresh_from_db(fields=FROZEN_COLUMNS)
    # Reloading a row drops its conference, which knows the database's time.
    election.conference = conference
    if membership:
        membership.refresh_from_db()
        membership.conference = conference


def freeze_opened_rolls() -> int:
    """Returns how many were frozen."""
    opened = Election.objects.roll_is_due().select_related("conference")
    found = [freeze_roll(conference=election.conference) for election in opened]
    return found.count(Change.MADE)


def enter_late_joiner(membership: Membership) -> None:
    """Puts a member who joins after voting has opened on the roll, if the rules let them vote.

    The election is locked by `lock_out_freezing`.
    """
    elections = Election.objects.annotate(as_of=DatabaseNow())  # type: ignore[no-redef]
    election = elections.filter(pk=membership.conference_id).first()
    if election is None:
        return
    election.conference = membership.conference
    is_by_rule = election.late_joiners_may_vote() and not election.only_roster_votes()
    may_vote = is_by_rule and not election.is_count_final()
    is_listed = RollEntry.objects.filter(membership=membership)
    if election.roll_frozen_at and may_vote and not is_listed.exists():
        entry_of_member(membership, Kind.LATE, election.as_of).save(force_insert=True)


def enter_late_joiners(election: Election) -> None:
    """Puts members who have joined since the opening, many at once, on the roll. The election is locked."""
    if not election.roll_frozen_at or election.is_count_final():
        return
    known = set(RollEntry.objects.filter(election=election).values_list("membership", flat=True))
    late = [entry for entry in entries_of_late_joiners(election) if entry.membership_id not in known]
    RollEntry.objects.bulk_create(late, batch_size=500)


def lock_out_freezing(conference: Conference) -> None:
    """Keeps the roll of this conference from being frozen until the transaction ends.

    On SQLite, which has one writer at a time, the transaction alone is enough.
    """
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM voting_election WHERE conference_id = %s LOCK IN SHARE MODE", [conference.pk]
            )


def add_to_roll(*, membership: Membership, by: Actor, reason: str) -> Change:
    """Adds a member to the roll of the open vote. All members see that a voter was added, and why.

    No change if the member is on the roll.

    Raises:
        ValidationError: there is no reason, the roll is not frozen, the count is final, or a second person
            has to confirm it.
    """
    with transaction.atomic():
        election = lock_for_change(membership.conference, reason)
        entry = RollEntry.objects.filter(membership=membership).first()
        if entry and entry.removed_at is None:
            return Change.NONE
        refuse_alone(ROLL, election.conference, {"change": "add", "row": membership.pk}, by)
        if entry is None:
            entry = _added_entry(membership, election)
        put_on_roll(entry, election, by=by, reason=reason)
        restore_vote_of(voter=membership)
    return Change.MADE


def enter_readmitted(*, membership: Membership, election: Election, by: Actor, reason: str) -> Change:
    """Adds to the roll a member who was excluded when voting opened. The election is locked.

    Raises:
        ValidationError: a second person has to confirm that, and none confirmed the readmission.
    """
    if not election.roll_frozen_at or RollEntry.objects.filter(membership=membership).exists():
        return Change.NONE
    if by.is_alone and is_required(ROLL, election.conference):
        raise ValidationError(
            _(
                "This member is not on the list of voters, and a second person has to confirm who is "
                "added to it. Ask for that on the page of the list first, then readmit the member."
            ),
            code="second_person_needed",
        )
    put_on_roll(_added_entry(membership, election), election, by=by, reason=reason)
    return Change.MADE


def remove_from_roll(*, membership: Membership, by: Actor, reason: str) -> Change:
    """Takes away a member's right to vote. Until voting closes, no figure shows whether they had voted.

    No change if the member is not on the roll.

    Raises:
        ValidationError: there is no reason, the roll is not frozen, the count is final, or a second person
            has to confirm it.
    """
    with transaction.atomic():
        election = lock_for_change(membership.conference, reason)
        entry = RollEntry.objects.current().filter(membership=membership).first()
        if entry is None:
            return Change.NONE
        refuse_alone(ROLL, election.conference, {"change": "remove", "row": membership.pk}, by)
        entry.removed_at = election.now
        entry.save(update_fields=["removed_at"])
        void_vote_of(voter=membership, because=Why.VOTER_OFF_ROLL)
        what = _("Removed from the list of voters: %(name)s.")
        record_change(entry, RollChange.Act.REMOVED, election, by=by, reason=reason, what=what)
    return Change.MADE


def forget_voter(*, user: User) -> None:
    """Deletes what the entries of a deleted account were computed from; the entries stay."""
    RollEntry.objects.filter(membership__user=user).update(email="", salt="")


def _added_entry(membership: Membership, election: Election) -> RollEntry:
    """In an election of the roster it is that of the member's roster entry, if they have one."""
    listed = RosterEntry.objects.present().filter(membership=membership, roll_entry=None).first()
    if listed and election.only_roster_votes():
        return entry_of_listed(listed, Kind.ADDED, election.now)
    return entry_of_member(membership, Kind.ADDED, election.now)
