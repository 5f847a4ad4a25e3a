"""Why a change of a team is refused, in words."""

from datetime import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.enrolment import SECOND_FACTORS
from accounts.linked_addresses import confirmed_addresses
from accounts.models import User
from confbox.kit.coded import coded_error
from conferences.models import Conference, Role, TeamInvitation, TeamMember
from conferences.rehearsal_words import why_not_in_rehearsal

# More than these at once are a mistake.
MOST_UNANSWERED = 50
NOT_THEIRS, NEEDS_FACTOR = "invitation_of_another", "second_factor_needed"


def stored_actor(person: User, *permissions: str, scope: models.Model, refusal: str) -> User:
    """Asks again under the lock, as their role may have changed since the page was shown.

    Returns the person as stored.

    Raises:
        ValidationError: with this refusal, if they do not have all these permissions there.
    """
    stored: User | None = User.objects.filter(pk=person.pk).first()
    if stored is None or not stored.has_perms(permissions, scope):
        raise ValidationError(refusal, code="role_needed")
    return stored


def may_change_team(person: User, scope: models.Model) -> bool:
    """By the roles as they are stored now."""
    stored = User.objects.filter(pk=person.pk).first()
    return stored is not None and stored.has_perm("conferences.change_teammember", scope)


def refuse_actor(person: User | None, scope: models.Model) -> None:
    """Raises ValidationError if this person may not change the team; the command line may."""
    if person:
        refusal = _("You can no longer change this team, so nothing was changed.")
        stored_actor(person, "conferences.change_teammember", scope=scope, refusal=refusal)


def refuse_stale_role(member: TeamMember, shown: str) -> None:
    """Raises ValidationError if the page on which the role was chosen showed another one."""
    if shown and shown != member.role:
        raise ValidationError(
            _("%(name)s is %(role)s by now, as another owner changed it. Nothing was changed.")
            % {"name": member.person, "role": Role(member.role).label},
            code="outdated",
        )


def refuse_without_owner(member: TeamMember) -> None:
    """Raises ValidationError if the team would have no owner without this member's role. It is locked."""
    if refusal := refusal_without(member):
        raise ValidationError(refusal, code="last_owner")


def refusal_without(member: TeamMember) -> str:
    """Why the team needs this member; empty if it does not.

    The owners of a series are owners of its conferences.
    """
    if member.role != Role.OWNER or other_owners(member).exists():
        return ""
    return _("%(name)s is the last owner of %(team)s. Make another person an owner first.") % {
        "name": member.person,
        "team": member.scope,
    }


def other_owners(member: TeamMember) -> models.QuerySet[TeamMember]:
    return TeamMember.objects.running(member.scope).owners().exclude(person=member.person_id)


def refuse_invitation(invitation: TeamInvitation, now: datetime) -> None:
    """Raises ValidationError if the owner of the address is in the team, or too many are unanswered."""
    scope = invitation.scope
    if isinstance(scope, Conference) and scope.is_rehearsal:
        raise ValidationError(why_not_in_rehearsal(), code="not_in_rehearsal")
    confirmed = models.Q(person__emailaddress__email=invitation.email, person__emailaddress__verified=True)
    linked = models.Q(person__linked_addresses__email=invitation.email)
    if member := TeamMember.objects.of_team(scope).filter(confirmed | linked).first():
        if member.person_id == invitation.invited_by_id:
            raise ValidationError(
                {
                    "email": coded_error(
                        _("This is your own email address, and you are in the team."), code="already_joined"
                    )
                }
            )
        raise ValidationError(
            {
                "email": coded_error(
                    _("This person is in the team already. Change their role instead."), code="already_joined"
                )
            }
        )
    unanswered = TeamInvitation.objects.of_team(scope).unanswered().filter(expires_at__gt=now)
    if unanswered.count() >= MOST_UNANSWERED:
        raise ValidationError(
            _("%(n)d invitations to this team are unanswered. Please withdraw some of them first.")
            % {"n": MOST_UNANSWERED},
            code="too_many",
        )


def refusal_to_accept(invitation: TeamInvitation, person: User, *, now: datetime) -> ValidationError | None:
    """Why this person cannot accept it; None if they can."""
    if refusal := refusal_of(invitation, now=now):
        return ValidationError(refusal, code="invitation_ended")
    if refused := refusal_of_other(invitation, person):
        return refused
    if settings.STAFF_MFA_REQUIRED and not is_mfa_enabled(person, SECOND_FACTORS):
        return ValidationError(
            _("Organisers need two-factor authentication. Set it up, then accept the invitation."),
            code=NEEDS_FACTOR,
        )
    return None


def refusal_of_other(invitation: TeamInvitation, person: User) -> ValidationError | None:
    """Why it is not this person's to answer; None if it is."""
    if invitation.email in confirmed_addresses(person):
        return None
    return ValidationError(
        _("This invitation is for %(email)s, which is not a confirmed email address of yours.")
        % {"email": invitation.email},
        code=NOT_THEIRS,
    )


def refusal_of(invitation: TeamInvitation, *, now: datetime) -> str:
    """Why no one can accept it; empty if its owner can."""
    if invitation.accepted_at:
        return _("This invitation has been used.")
    if invitation.declined_at:
        return _("This invitation was declined. Please ask for a new one if you have changed your mind.")
    if invitation.withdrawn_at:
        return _("This invitation was withdrawn or replaced. Please ask for a new one.")
    if invitation.expires_at <= now:
        return _("This invitation has expired. Please ask for a new one.")
    return ""
