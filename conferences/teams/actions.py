"""The verbs of a team. Each is whole: lock, ask the rule, write, audit log, emails."""

from datetime import timedelta

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_addition, log_change
from accounts.audit_words import NAME
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.email_addresses import clean_email_address
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
from conferences.actions import lock_conference
from conferences.models import Conference, Role, Series, TeamInvitation, TeamMember
from conferences.series.models import scope_columns
from conferences.teams.emails import News, notify_team, notify_who_invited, send_invitation
from conferences.teams.rules import (
    may_change_team,
    refusal_of,
    refusal_of_other,
    refusal_to_accept,
    refuse_actor,
    refuse_invitation,
    refuse_stale_role,
    refuse_without_owner,
)
from conferences.teams.tokens import digest_of, new_token

Scope = Series | Conference
INVITATION_DAYS = 14


@retried
def create_series(*, name: str, slug: str, by: Actor) -> Series:
    """Creates a series whose first owner is the person who creates it.

    Raises:
        ValidationError: there is a series with this URL name, or a value is invalid.
    """
    series = Series(name=name.strip(), slug=slug, created_by=by.person)
    series.full_clean()
    try:
        with transaction.atomic():
            series.save()
            if by.person:
                TeamMember.objects.create(series=series, person=by.person, role=Role.OWNER)
            log_addition(by=by, target=series, what=_("Created."))
    except IntegrityError:
        raise ValidationError(
            {"slug": coded_error(_("There is a series with this web address already."), code="unique")}
        ) from None
    return series


@retried
def rename_series(*, series: Series, name: str, by: Actor) -> Change:
    """Its URL name stays, as addresses lead to it. No change if this is its name already.

    Raises:
        ValidationError: the name is invalid, or the person may not change the team.
    """
    renamed = Series(name=name.strip(), slug=series.slug)
    renamed.clean_fields()
    with transaction.atomic():
        _lock_team(series)
        refuse_actor(by.person, series)
        others = Series.objects.filter(pk=series.pk).exclude(name=renamed.name)
        changed = Change.of(others.update(name=renamed.name))
        if changed is Change.MADE:
            log_change(by=by, target=series, what=_("Renamed: %(name)s") % {"name": renamed.name})
    return changed


def invite_to_team(*, scope: Scope, email: str, role: str, by: Actor) -> TeamInvitation:
    """Sends an invitation. One that this address had before is replaced, so that its link no longer works.

    Raises:
        ValidationError: the address or the role is invalid, its owner is in the team, too many invitations
            are unanswered, or the person who invites may not.
    """
    token, now = new_token(), database_now()
    invitation = TeamInvitation(
        email=clean_email_address(email),
        role=role,
        token_digest=digest_of(token),
        invited_by=by.person,
        sent_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
        **scope_columns(scope),
    )
    invitation.clean_fields()
    with transaction.atomic():
        _lock_team(scope)
        refuse_actor(by.person, scope)
        same = TeamInvitation.objects.of_team(scope).unanswered().filter(email=invitation.email)
        same.update(withdrawn_at=now)
        refuse_invitation(invitation, now)
        invitation.save()
        what = _("Invited to the team as %(role)s: %(name)s.") % {"role": Role(role).label, "name": NAME}
        log_change(by=by, target=scope, what=what, about=invitation)
        send_invitation(invitation=invitation, token=token)
    return invitation


def withdraw_invitation(*, invitation: TeamInvitation, by: Actor) -> Change:
    """Its link no longer works. No change if it was accepted or withdrawn before."""
    with transaction.atomic():
        _lock_team(invitation.scope)
        refuse_actor(by.person, invitation.scope)
        open_ones = TeamInvitation.objects.unanswered().filter(pk=invitation.pk)
        changed = Change.of(open_ones.update(withdrawn_at=database_now()))
        if changed is Change.MADE:
            _log_withdrawal(invitation, by)
    return changed


def accept_invitation(*, invitation: TeamInvitation, by: Actor) -> TeamMember:
    """Makes the person a member of the team. Accepting twice changes nothing; a role they have stays.

    Raises:
        ValidationError: it was withdrawn, has expired, was accepted by another person, is not to a confirmed
            address of this one, their account is disabled, or they lack the second factor that this site
            requires.
    """
    person, scope = by.user, invitation.scope
    with transaction.atomic():
        _lock_team(scope)
        current = TeamInvitation.objects.select_for_update().get(pk=invitation.pk)
        member = TeamMember.objects.of_team(scope).filter(person=person).first()
        if member and current.accepted_at:
            return member
        if not User.objects.active().filter(pk=person.pk).exists():
            raise ValidationError(
                _("Your account is disabled, so you cannot accept an invitation."), code="account_disabled"
            )
        if refusal := refusal_to_accept(current, person, now=database_now()):
            raise refusal
        TeamInvitation.objects.filter(pk=current.pk).update(accepted_at=database_now())
        return member or _add(person, current, by)


def decline_invitation(*, invitation: TeamInvitation, by: Actor) -> Change:
    """Notifies the person who invited. No change if it was declined before.

    Raises:
        ValidationError: it was withdrawn, has expired, was accepted, or is not to a confirmed address of this
            person.
    """
    with transaction.atomic():
        _lock_team(invitation.scope)
        invitations = TeamInvitation.objects.select_related("invited_by", "series", "conference")
        current = invitations.get(pk=invitation.pk)
        if refused := refusal_of_other(current, by.user):
            raise refused
        if current.declined_at:
            return Change.NONE
        if refusal := refusal_of(current, now=database_now()):
            raise ValidationError(refusal, code="invitation_ended")
        TeamInvitation.objects.filter(pk=current.pk).update(declined_at=database_now())
        what = _("Invitation to the team declined: %(name)s.") % {"name": NAME}
        log_change(by=by, target=current.scope, what=what, about=current)
        notify_who_invited(invitation=current)
    return Change.MADE


def _add(person: User, invitation: TeamInvitation, by: Actor) -> TeamMember:
    scope = invitation.scope
    member = TeamMember.objects.create(
        person=person, role=invitation.role, added_by=invitation.invited_by, **scope_columns(scope)
    )
    _log(_("Joined the team as %(role)s: %(name)s."), member, by)
    notify_team(scope=scope, member=member, news=News.JOINED, by=by.person)
    return member


def change_role(*, member: TeamMember, role: str, by: Actor, shown: str = "") -> Change:
    """No change if it is their role already, or they are no longer in the team.

    Raises:
        ValidationError: there would be no owner left, the person who changes it may not, or the role is not
            the one that their page showed: another owner was faster.
    """
    role = Role(role)
    with transaction.atomic():
        _lock_team(member.scope)
        refuse_actor(by.person, member.scope)
        current = TeamMember.objects.filter(pk=member.pk).exclude(role=role).select_related("person").first()
        if current is None:
            return Change.NONE
        refuse_stale_role(current, shown)
        refuse_without_owner(current)
        TeamMember.objects.filter(pk=current.pk).update(role=role)
        was_owner = current.role == Role.OWNER
        old, current.role = str(Role(current.role).label), role
        what = _("Role in the team changed from %(old)s to %(role)s: %(name)s.")
        _log(what, current, by, old=old)
        if was_owner:
            _withdraw_those_of(current, by)
        notify_team(scope=member.scope, member=current, news=News.CHANGED, by=by.person)
    return Change.MADE


def remove_from_team(*, member: TeamMember, by: Actor) -> Change:
    """No change if they are no longer in the team.

    Raises:
        ValidationError: there would be no owner left, or the person who removes them may not.
    """
    with transaction.atomic():
        _lock_team(member.scope)
        refuse_actor(by.person, member.scope)
        return _take_out(member, by, News.REMOVED)


def leave_team(*, member: TeamMember, by: Actor) -> Change:
    """The person leaves the team that this membership is in. No change if they have left.

    Raises:
        ValidationError: there would be no owner left, or the membership is another person's.
    """
    if member.person_id != by.user.pk:
        raise ValidationError(_("Only the person themselves can leave a team."), code="another_person_needed")
    with transaction.atomic():
        _lock_team(member.scope)
        return _take_out(member, by, News.LEFT)


def _take_out(member: TeamMember, by: Actor, news: News) -> Change:
    current = TeamMember.objects.filter(pk=member.pk).select_related("person").first()
    if current is None:
        return Change.NONE
    refuse_without_owner(current)
    TeamMember.objects.filter(pk=current.pk).delete()
    _log(_("No longer in the team, before as %(role)s: %(name)s."), current, by)
    if current.role == Role.OWNER:
        _withdraw_those_of(current, by)
    notify_team(scope=member.scope, member=current, news=news, by=by.person)
    return Change.MADE


def _log(what: str, member: TeamMember, by: Actor, **more: str) -> None:
    facts = {"name": NAME, "role": Role(member.role).label, **more}
    log_change(by=by, target=member.scope, what=what % facts, about=member.person)


def _withdraw_those_of(member: TeamMember, by: Actor) -> None:
    """The invitations of a person who was an owner, where they may no longer invite.

    The series is locked, if there is one, and so are the teams of its conferences.
    """
    scope = member.scope
    invitations = TeamInvitation.objects.of_team(scope)
    if isinstance(scope, Series):
        invitations |= TeamInvitation.objects.filter(conference__series=scope)
    theirs = invitations.unanswered().filter(invited_by=member.person_id).order_by("pk")
    for invitation in theirs.select_related("series", "conference"):
        if not may_change_team(member.person, invitation.scope):
            TeamInvitation.objects.filter(pk=invitation.pk).update(withdrawn_at=database_now())
            _log_withdrawal(invitation, by)


def _log_withdrawal(invitation: TeamInvitation, by: Actor) -> None:
    what = _("Invitation to the team withdrawn: %(name)s.") % {"name": NAME}
    log_change(by=by, target=invitation.scope, what=what, about=invitation)


def _lock_team(scope: Scope) -> None:
    """One change of a team at a time; the series first, whose owners count for its conferences.

    Raises:
        ValidationError: it has been deleted.
    """
    series_id = scope.pk if isinstance(scope, Series) else scope.series_id
    try:
        if series_id:
            Series.objects.select_for_update().get(pk=series_id)
        if isinstance(scope, Conference):
            lock_conference(scope.pk)
    except ObjectDoesNotExist:
        raise ValidationError(_("%(team)s does not exist any more.") % {"team": scope}, code="gone") from None
