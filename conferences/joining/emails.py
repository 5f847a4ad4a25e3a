"""Each email is written in the language of its recipient."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email
from conferences.models import JoinRequest

MAY_ANSWER = "conferences.admit_membership"


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
