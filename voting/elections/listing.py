"""Whether a member is in the list that the other members see."""

from django.db import transaction

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from confbox.kit.outcomes import Change
from conferences.models import Membership
from voting.elections.election.actions import lock_election
from voting.elections.tasks import notify_voters_of_void_votes
from voting.elections.voiding import Why, void_votes_for


def set_listed(*, membership: Membership, is_listed: bool, by: Actor) -> Change:
    """Shows the member to the other members, or hides them. No change if they had chosen so before.

    Others cannot vote for a hidden member without a pitch, so votes for one become void while voting is open.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        others = Membership.objects.filter(pk=membership.pk).exclude(is_listed=is_listed)
        changed = Change.of(others.update(is_listed=is_listed))
        if changed is Change.NONE:
            return changed
        log_own_act(by=by, act="be listed" if is_listed else "be hidden", target=conference)
        can_be_chosen = Membership.objects.candidates().filter(pk=membership.pk).exists()
        if not can_be_chosen and not conference.election.is_count_final():
            notify_voters_of_void_votes(void_votes_for(candidate=membership, because=Why.CANDIDATE_OPTED_OUT))
    return changed
