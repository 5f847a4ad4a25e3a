"""What changes a frozen roll: who may, and what is recorded of it."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from accounts.audit_words import NAME
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.roll.models import RollChange, RollEntry
from voting.elections.roll.tasks import notify_changed_voters


def lock_for_change(conference: Conference, reason: str) -> Election:
    if not reason.strip():
        raise ValidationError(_("Please give a reason. All members can read it."), code="reason_missing")
    election = lock_election(conference.pk)
    if election.is_count_final():
        raise ValidationError(
            _("Voting is closed and the count is final, so the list cannot be changed."), code="count_final"
        )
    if not election.roll_frozen_at:
        raise ValidationError(
            _(
                "Voting has not opened yet. Until it does, members are on the "
                "list of voters from when they join until they leave."
            ),
            code="voting_not_open",
        )
    return election


def put_on_roll(entry: RollEntry, election: Election, *, by: Actor, reason: str) -> RollChange:
    """The election is locked."""
    entry.removed_at = None
    entry.save()
    what = _("Added to the list of voters: %(name)s.")
    return record_change(entry, RollChange.Act.ADDED, election, by=by, reason=reason, what=what)


def record_change(
    entry: RollEntry, act: RollChange.Act, election: Election, *, by: Actor, reason: str, what: str
) -> RollChange:
    reason = reason.strip()
    change = RollChange.objects.create(
        entry=entry, act=act, reason=reason, by=by.asked_by or by.person, at=election.now
    )
    # Before a member has joined, it is about the roster entry.
    about, said = entry.membership or entry.roster_entry, what % {"name": NAME}
    log_act(by=by, act=f"roll {act}", target=entry, what=said, about=about, reason=reason)
    log_in_django(by=by, rows=[election], what=said, about=about)
    notify_changed_voters(election, change.at)
    return change
