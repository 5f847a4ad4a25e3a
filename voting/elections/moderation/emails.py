"""Each email is written in the language of its recipient. None says who acted, or anything about votes."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email, contact_of
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from conferences.series.roles.models import MODERATE
from conferences.teams.organisers import organisers_of

FOLDER = "voting/elections/moderation/emails"
PAGE = "admin:conferences_moderation"


def notify_author_of_hidden_pitch(*, membership: Membership, reason: str) -> None:
    _to_author(membership, "pitch_hidden", _("Your pitch at %(conference)s has been hidden"), reason)


def notify_author_of_kept_pitch(*, membership: Membership, reason: str) -> None:
    _to_author(membership, "pitch_kept_hidden", _("Your pitch at %(conference)s stays hidden"), reason)


def notify_author_of_shown_pitch(*, membership: Membership) -> None:
    _to_author(membership, "pitch_shown", _("Your pitch at %(conference)s is shown again"))


def notify_author_of_covered_pitch(*, membership: Membership, until: datetime, reason: str) -> None:
    conference, subject = membership.conference, _("Your pitch at %(conference)s is being checked")
    path, time = membership.get_absolute_url(), in_zone(conference, until)
    send_to(membership.user, conference, "pitch_covered", subject, path=path, until=time, reason=reason)


def notify_author_of_uncovered_pitch(*, membership: Membership) -> None:
    subject = _("Your pitch at %(conference)s is shown again")
    path = membership.get_absolute_url()
    send_to(membership.user, membership.conference, "pitch_uncovered", subject, path=path)


def notify_of_hidden_profile(*, membership: Membership, reason: str) -> None:
    subject = _("Your profile at %(conference)s has been hidden")
    path = reverse("edit-profile")
    send_to(membership.user, membership.conference, "profile_hidden", subject, path=path, reason=reason)


def notify_of_shown_profile(*, membership: Membership) -> None:
    subject = _("Your profile at %(conference)s is shown again")
    send_to(
        membership.user, membership.conference, "profile_shown", subject, path=membership.get_absolute_url()
    )


def _to_author(membership: Membership, template: str, subject: Promise, reason: str = "") -> None:
    conference = membership.conference
    path = reverse("pitch", args=[conference.slug])
    send_to(membership.user, conference, template, subject, path=path, reason=reason)


def ask_team_to_show(conference: Conference) -> None:
    """It contains nothing that the member has written."""
    path = reverse(PAGE, args=[conference.pk])
    for person in organisers_of(conference, MODERATE):
        send_to(
            person, conference, "asked_to_show", _("A pitch to look at again at %(conference)s"), path=path
        )


def send_to(
    person: User,
    conference: Conference,
    template: str,
    subject: Promise,
    *,
    path: str,
    is_secret: bool = False,
    **facts: object,
) -> None:
    """Nothing to those whose account is disabled or deleted."""
    if not person.is_active:
        return
    contact = contact_of(conference)
    context = {
        "person": person,
        "conference": conference,
        "contact": None if contact.is_at(person.email) else contact,
        "url": settings.SITE_URL + path,
        **facts,
    }
    with override(language_of(person)):
        send_email(
            conference_email(
                conference,
                subject=str(subject) % {"conference": conference},
                text=render_to_string(f"{FOLDER}/{template}.txt", context),
                to=person.email,
            ),
            is_secret=is_secret,
        )
