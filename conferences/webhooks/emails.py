"""The email to the team when a webhook is switched off. Each is in the language of its recipient."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email
from conferences.models import Conference, Series, TeamMember
from conferences.outbox.models import WebhookEndpoint
from conferences.teams.backend import team_permissions
from conferences.teams.organisers import organisers_of
from conferences.webhooks.links import CHANGE, url_of_list


def notify_of_switching_off(endpoint: WebhookEndpoint) -> None:
    """Those who can switch it on again."""
    scope = endpoint.scope
    people = organisers_of(scope, CHANGE) if isinstance(scope, Conference) else _team_of(scope)
    for person in people:
        with override(language_of(person)):
            context = {"person": person, "team": scope, "host": endpoint.host}
            context |= {"why": WebhookEndpoint.Off(endpoint.switched_off_because).label}
            context |= {"url": settings.SITE_URL + url_of_list(scope)}
            subject = _("A webhook of %(team)s was switched off") % {"team": scope}
            text = render_to_string("conferences/webhooks/emails/switched_off.txt", context)
            make = conference_email if isinstance(scope, Conference) else _email_of_site
            send_email(make(scope, subject=subject, text=text, to=person.email))


def _email_of_site(_series: Series, *, subject: str, text: str, to: str) -> EmailMultiAlternatives:
    return site_email(subject=subject, text=text, to=to)


def _team_of(series: Series) -> list[User]:
    roles = TeamMember.objects.of_team(series).filter(person=OuterRef("pk"))
    people = User.objects.active().filter(Exists(roles)).order_by("pk")
    return [person for person in people if CHANGE in team_permissions(person, series)]
