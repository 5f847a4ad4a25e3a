"""The electoral roll where the roster says who votes: what happens to one when the other changes.

Whatever changes a roster waits for the roll to be frozen, or keeps it from being frozen meanwhile.
Afterwards an entry that is removed from the roster is removed from the roll too; a new one is not added.
"""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from confbox.kit.clock import DatabaseNow
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change
from conferences.consent.acts import refuse_alone
from conferences.models import Conference, RosterEntry
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.election.two_people import ROLL
from voting.elections.roll.actions import freeze_roll, lock_out_freezing
from voting.elections.roll.changes import lock_for_change, put_on_roll
from voting.elections.roll.entries import Kind, entry_of_listed
from voting.elections.roll.models import RollChange, RollEntry
from voting.elections.roll.tasks import notify_changed_voters
from voting.elections.voiding import Why, restore_vote_of, void_votes_of


def hold_roll(conference: Conference, removes: bool) -> None:
    """Called before a roster is changed: freezes a roll whose time has come, or keeps it from being frozen.

    Votes wait for a change that removes voters, and for no other.
    """
    elections = Election.objects.annotate(as_of=DatabaseNow())  # type: ignore[no-redef]
    election = elections.filter(pk=conference.pk).first()
    if election is None:
        return
    election.conference = conference
    if election.roll_frozen_at is None and election.has_opened():
        freeze_roll(conference=conference)
    if removes and election.only_roster_votes():
        lock_election(conference.pk)
    else:
        lock_out_freezing(conference)


def enter_claimed(conference: Conference, entries: Collection[int]) -> None:
    """The entries of the roll for these entries of the roster become their owners'.

    One statement writes; a member who came onto the roll without the roster keeps that entry.
    """
    on_roll = RollEntry.objects.filter(election=conference.pk, membership__roster_entry__in=entries)
    taken = set(on_roll.values_list("membership__roster_entry", flat=True))
    free = RollEntry.objects.filter(membership=None, roster_entry__in=set(entries) - taken)
    owners = RosterEntry.objects.filter(pk=OuterRef("roster_entry")).values("membership")
    free.update(membership=Subquery(owners[:1]))


def refuse_other_mailbox(listed: RosterEntry) -> None:
    """Raises ValidationError if the entry is on a roll: another mailbox would be another voter."""
    entry = RollEntry.objects.filter(roster_entry=listed).select_related("election__conference").first()
    if entry and not entry.election.is_count_final():
        raise ValidationError(
            {
                "email": coded_error(
                    _(
                        "This entry is on the list of voters, so its email address can no "
                        "longer be changed. Remove the entry and add the other email address."
                    ),
                    code="on_list_of_voters",
                )
            }
        )


def _on_roll(entries: Collection[int]) -> QuerySet[RollEntry]:
    return RollEntry.objects.current().filter(roster_entry__in=entries)


def removes_voter(election: Election, listed: RosterEntry) -> bool:
    """Whether the electoral roll would lose a voter with this entry of the roster."""
    return not election.is_count_final() and _on_roll([listed.pk]).exists()


def remove_listed(conference: Conference, entries: Collection[int], reason: str, by: Actor) -> None:
    """Removes from the roll who is removed from the roster. All members can read the reason.

    Raises:
        ConsentNeeded: a second person has to confirm it, for one entry at a time.
    """
    with transaction.atomic():
        election = lock_election(conference.pk)
        found = list(_on_roll(entries).order_by("pk"))
        if not found or election.is_count_final():
            return
        refuse_alone(ROLL, election.conference, {"change": "unlist", "row": found[0].roster_entry_id}, by)
        RollEntry.objects.filter(pk__in=[entry.pk for entry in found]).update(removed_at=election.now)
        voters = [entry.membership_id for entry in found if entry.membership_id]
        void_votes_of(voters=voters, because=Why.VOTER_OFF_ROLL)
        _record_removals(found, election, reason, by)


def _record_removals(found: list[RollEntry], election: Election, reason: str, by: Actor) -> None:
    removed = {
        "act": RollChange.Act.REMOVED,
        "reason": reason.strip(),
        "by": by.asked_by or by.person,
        "at": election.now,
    }
    RollChange.objects.bulk_create([RollChange(entry=entry, **removed) for entry in found], batch_size=500)
    said = ngettext(
        "%(n)d voter removed from the list of voters.",
        "%(n)d voters removed from the list of voters.",
        len(found),
    )
    what = said % {"n": len(found)}
    reason = reason.strip()
    log_act(by=by, act="roll removed", target=election, what=what, reason=reason, is_personal=True)
    log_in_django(by=by, rows=[election], what=what)
    notify_changed_voters(election, election.now)


def _entry_for(listed: RosterEntry) -> RollEntry | None:
    """Of this entry, or of its owner, whom an organiser may have added without it."""
    of_entry = Q(roster_entry=listed)
    of_owner = Q(membership=listed.membership) if listed.membership_id else of_entry
    return RollEntry.objects.filter(of_entry | of_owner).order_by("removed_at").first()


def add_listed_to_roll(*, listed: RosterEntry, by: Actor, reason: str) -> Change:
    """Lets who was put on the roster while voting was open vote, once they have joined.

    No change if they are on the roll.

    Raises:
        ValidationError: there is no reason, the roll is not frozen, the count is final, or the roster does
            not decide who votes or no longer has the entry, or a second person has to confirm it.
    """
    with transaction.atomic():
        election = lock_for_change(listed.conference, reason)
        if not election.only_roster_votes():
            raise ValidationError(
                _("In this conference, all members may vote. A person can be added once they have joined."),
                code="all_may_vote",
            )
        stored = RosterEntry.objects.select_related("membership__user").get(pk=listed.pk)
        if stored.removed_at:
            raise ValidationError(
                _("This entry is removed from the roster. List it again first."), code="entry_removed"
            )
        entry = _entry_for(stored)
        if entry and entry.removed_at is None:
            return Change.NONE
        refuse_alone(ROLL, election.conference, {"change": "add_listed", "row": stored.pk}, by)
        entry = entry or entry_of_listed(stored, Kind.ADDED, election.now)
        put_on_roll(entry, election, by=by, reason=reason)
        if entry.membership:
            restore_vote_of(voter=entry.membership)
    return Change.MADE
