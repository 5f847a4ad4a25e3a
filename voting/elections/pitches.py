"""What a member says in order to be chosen, and whether others can vote for them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from confbox.kit.outcomes import Change
from conferences.models import Membership
from voting.elections.election.actions import lock_election
from voting.elections.models import Pitch
from voting.elections.moderation.covering import forget_ended_cover
from voting.elections.tasks import notify_voters_of_void_votes
from voting.elections.voiding import Why, void_votes_for


def set_accepts_votes(*, membership: Membership, accepts_votes: bool, by: Actor) -> Change:
    """Opts in to or out of being voted for.

    Opting out makes votes for the member void, so that those voters can vote again.

    Raises:
        ValidationError: opting out after voting closed; the count is final.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        stale = Membership.objects.filter(pk=membership.pk, accepts_votes=not accepts_votes)
        changed = Change.of(stale.update(accepts_votes=accepts_votes))
        if changed is Change.NONE:
            return changed
        log_own_act(by=by, act="opt in" if accepts_votes else "opt out", target=conference)
        if accepts_votes:
            return changed
        if conference.election.is_count_final():
            raise ValidationError(
                _("Voting is closed and the count is final; you can no longer opt out."), code="count_final"
            )
        notify_voters_of_void_votes(void_votes_for(candidate=membership, because=Why.CANDIDATE_OPTED_OUT))
    return changed


def save_pitch(
    *, membership: Membership, headline: str, statement: str, accepts_votes: bool, by: Actor
) -> Change:
    """Saves the pitch and whether the member can be voted for: both or neither.

    No change if both are as they were.

    The audit log says that the member wrote or changed it, and no word of the text.

    Raises:
        ValidationError: opting out after voting closed; the count is final.
    """
    with transaction.atomic():
        # Locks the election, so two transactions that insert the first pitch of one member cannot deadlock.
        opted = set_accepts_votes(membership=membership, accepts_votes=accepts_votes, by=by)
        texts = {"headline": headline, "statement": statement}
        stored = Pitch.objects.filter(membership=membership).values(*texts).first()
        # Compared here: to the database, texts that differ in case may be equal.
        if stored == texts:
            return opted
        Pitch.objects.update_or_create(membership=membership, defaults=texts)
        forget_ended_cover(membership)
        log_own_act(by=by, act="write pitch", target=membership.conference)
    return Change.MADE
