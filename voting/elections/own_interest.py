"""An organiser who is a member, too, decides nothing in their own favour. Another organiser has to.

See also `voting.campaigns.rules.refusal_to_approve`.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from conferences.models import Conference, Membership
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
            raise ValidationError(refusal, code="another_person_needed")


def refuse_own_readmission(membership: Membership, by: Actor) -> None:
    """Raises ValidationError if a person readmits themselves, alone or as one of two."""
    if any(person and membership.user_id == person.pk for person in (by.person, by.asked_by)):
        raise ValidationError(
            _("You cannot readmit yourself. Please ask another organiser."), code="another_person_needed"
        )


def refuse_hiding_of_rival(conference: Conference, by: Actor) -> None:
    """Raises ValidationError if the person is a candidate while votes count: no one takes votes from a rival.

    A candidate whose own pitch is hidden is one as well, as it can be shown again.
    """
    if conference.election.is_count_final():
        return
    own = Membership.objects.filter(conference=conference, user__in=_people(by))
    is_rival = own.candidates().exists() or own.current().filter(pitch_hidden_at__isnull=False).exists()
    if is_rival:
        raise ValidationError(
            _(
                "You can be voted for yourself here, so you cannot hide what others show. Please ask another "
                "organiser."
            ),
            code="another_person_needed",
        )


def refuse_removal_from_rival(user: User, by: Actor) -> None:
    """As `refuse_hiding_of_rival`, in each conference of which that person is a member."""
    shared = Conference.objects.as_of_now().joined_by(user).filter(memberships__user__in=_people(by))
    for conference in shared.select_related("election"):
        refuse_hiding_of_rival(conference, by)


def refuse_own_moderation(membership: Membership, by: Actor) -> None:
    """Raises ValidationError if a person decides about what is theirs, alone or as one of two."""
    if membership.user_id in {person.pk for person in _people(by)}:
        raise ValidationError(
            _("You cannot decide about your own page. Please ask another organiser."),
            code="another_person_needed",
        )


def _people(by: Actor) -> list[User]:
    return [person for person in (by.person, by.asked_by) if person]
