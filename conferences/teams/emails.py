"""Each email is written in the language of its recipient."""

from enum import Enum
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import get_default_timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.dates import datetime_in_words
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email, load_contact
from conferences.local_times import in_zone
from conferences.models import Conference, Role, TeamInvitation, TeamMember


class News(Enum):
    JOINED = "joined"
    CHANGED = "changed"
    REMOVED = "removed"
    LEFT = "left"


def send_invitation(*, invitation: TeamInvitation, token: str) -> None:
    """In the language of the account with this address, or else in that of the person who invites."""
    known = User.objects.filter(email=invitation.email).first()
    url = settings.SITE_URL.rstrip("/") + reverse("team-invitation", args=[token])
    with override(language_of(known) if known else get_language()):
        context = {"invitation": invitation, "team": invitation.scope, "url": url}
        context |= {"role": Role(invitation.role).label, "until": _until(invitation)}
        subject = _("Join the team of %(team)s") % {"team": invitation.scope}
        text = render_to_string("conferences/teams/emails/invitation.txt", context)
        send_email(_email(invitation.scope, subject, text, invitation.email))


def notify_team(*, scope: models.Model, member: TeamMember, news: News, by: User | None) -> None:
    """Notifies the owners and the person whose role it is, except the one who did it."""
    people = {owner.person for owner in _owners(scope)} | {member.person}
    _load_contact(scope)
    for person in sorted(people - {by}, key=lambda person: person.pk):
        with override(language_of(person)):
            send_email(_message(person, scope, member, news, by))


def notify_who_invited(*, invitation: TeamInvitation) -> None:
    """That it was declined; only a person who may still change the team."""
    person, scope = invitation.invited_by, invitation.scope
    if person is None or not person.has_perm("conferences.change_teammember", scope):
        return
    with override(language_of(person)):
        context = {"person": person, "team": scope, "email": invitation.email}
        context |= {"role": Role(invitation.role).label, "url": _page(scope)}
        subject = _("An invitation to the team of %(team)s was declined") % {"team": scope}
        text = render_to_string("conferences/teams/emails/declined.txt", context)
        send_email(_email(scope, subject, text, person.email))


def welcome_to_team(*, scope: models.Model, members: list[TeamMember], by: User | None) -> None:
    """Notifies each of these people of their own role, except the one who gave it."""
    _load_contact(scope)
    for member in members:
        if member.person != by:
            with override(language_of(member.person)):
                send_email(_message(member.person, scope, member, News.JOINED, by))


def _load_contact(scope: models.Model) -> None:
    if isinstance(scope, Conference):
        load_contact(scope)


def _owners(scope: models.Model) -> list[TeamMember]:
    return list(TeamMember.objects.running(scope).owners().select_related("person"))


def _message(
    person: User, scope: models.Model, member: TeamMember, news: News, by: User | None
) -> EmailMultiAlternatives:
    context: dict[str, Any] = {"person": person, "team": scope, "member": member.person, "by": by}
    context |= {"role": Role(member.role).label, "is_own": person == member.person}
    context |= {"is_contact": context["is_own"] and member.role == Role.OWNER}
    is_out = context["is_own"] and news is News.REMOVED
    context |= {"url": settings.SITE_URL + reverse("me") if is_out else _page(scope)}
    subject = _("The team of %(team)s has changed") % {"team": scope}
    text = render_to_string(f"conferences/teams/emails/{news.value}.txt", context)
    return _email(scope, subject, text, person.email)


def _page(scope: models.Model) -> str:
    name = "conferences_team" if isinstance(scope, Conference) else "conferences_series_team"
    return settings.SITE_URL + reverse(f"admin:{name}", args=[scope.pk])


def _until(invitation: TeamInvitation) -> str:
    """When the link expires: in the zone of the conference, or in that of the site for a series."""
    scope, ends_at = invitation.scope, invitation.expires_at
    if isinstance(scope, Conference):
        return in_zone(scope, ends_at)
    return datetime_in_words(ends_at.astimezone(get_default_timezone()), settings.TIME_ZONE)


def _email(scope: models.Model, subject: str, text: str, to: str) -> EmailMultiAlternatives:
    """Emails about a series are the site's own."""
    if isinstance(scope, Conference):
        return conference_email(scope, subject=subject, text=text, to=to)
    return site_email(subject=subject, text=text, to=to)
