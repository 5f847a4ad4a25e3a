"""Each email is written in the language of its recipient."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email, load_contact
from conferences.models import JoinRequest
from conferences.teams.organisers import organisers_of

MAY_ANSWER = "conferences.admit_membership"


def notify_organisers(asked: JoinRequest) -> None:
    """Notifies the organisers that requests wait. It contains nothing that the person has written."""
    url = settings.SITE_URL + reverse("admin:conferences_joining", args=[asked.conference_id])
    load_contact(asked.conference)
    for organiser in organisers_of(asked.conference, MAY_ANSWER):
        context = {"conference": asked.conference, "organiser": organiser, "url": url}
        with override(language_of(organiser)):
            send_email(
                conference_email(
                    asked.conference,
                    subject=_("A request to join %(conference)s") % {"conference": asked.conference},
                    text=render_to_string("conferences/emails/request.txt", context),
                    to=organiser.email,
                )
            )


def notify_of_answer(asked: JoinRequest) -> None:
    """Sends the organisers' answer to the person who asked."""
    is_in = asked.answer == JoinRequest.Answer.ACCEPTED
    url = settings.SITE_URL + asked.conference.get_absolute_url()
    context = {"asked": asked, "conference": asked.conference, "url": url, "is_in": is_in}
    with override(language_of(asked.user)):
        subject = (
            _("You are a member of %(conference)s") if is_in else _("Your request to join %(conference)s")
        )
        send_email(
            conference_email(
                asked.conference,
                subject=subject % {"conference": asked.conference},
                text=render_to_string("conferences/emails/request_answered.txt", context),
                to=asked.user.email,
            )
        )
