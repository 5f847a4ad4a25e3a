"""An organiser who is a member, too, decides nothing in their own favour. Another organiser has to.

See also `voting.campaigns.rules.refusal_to_approve`.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from conferences.models import Membership
from voting.elections.tally import TallyResult


def refusal_to_choose(*, candidate: Membership, tally: TallyResult, by: User | None) -> str:
    """Why this organiser may not choose this candidate; empty if they may. A sole leader is no choice."""
    if by is None or candidate.user_id != by.pk or tally.is_sole_leader(candidate.pk):
        return ""
    return _("You cannot choose yourself, as you are not the sole leader. Please ask another organiser.")


def interested_in_choice(*, candidate: Membership, tally: TallyResult) -> User | None:
    """The candidate's user, unless the count itself chose them."""
    is_refused = refusal_to_choose(candidate=candidate, tally=tally, by=candidate.user)
    return candidate.user if is_refused else None


def refuse_own_choice(by: Actor, *, candidate: Membership, tally: TallyResult) -> None:
    """Raises ValidationError if a person chooses themselves, alone or as one of two."""
    for person in (by.person, by.asked_by):
        if refusal := refusal_to_choose(candidate=candidate, tally=tally, by=person):
            raise ValidationError(refusal)


def refuse_own_readmission(membership: Membership, by: Actor) -> None:
    """Raises ValidationError if a person readmits themselves, alone or as one of two."""
    if any(person and membership.user_id == person.pk for person in (by.person, by.asked_by)):
        raise ValidationError(_("You cannot readmit yourself. Please ask another organiser."))
