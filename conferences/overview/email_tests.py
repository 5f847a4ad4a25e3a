"""A test email to the person who asks for it, to see that emails of the site arrive."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.languages import language_of
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.email_html import html_of_email
from confbox.kit.email_sending import enqueue_on_commit, send_now
from confbox.kit.smtp_replies import reply_in
from conferences.contact import conference_email
from conferences.health.models import EmailTest
from conferences.models import Conference

LONGEST_PROBLEM = 300


def request_test_email(*, conference: Conference, by: Actor) -> EmailTest:
    """Has an email sent to the person who asks; whether the mail server accepts it is stored later."""
    with transaction.atomic():
        asked = EmailTest.objects.create(conference_id=conference.pk, asked_at=database_now())
        log_act(by=by, act="send test email", target=conference)
        enqueue_on_commit(deliver_test_email, test_id=asked.pk, person_id=by.user.pk)
    return asked


@task(queue_name="mail")
def deliver_test_email(*, test_id: int, person_id: int) -> None:
    asked = EmailTest.objects.filter(pk=test_id, accepted_at=None, failed_at=None)
    found, person = asked.select_related("conference").first(), User.objects.filter(pk=person_id).first()
    if found is None or person is None:
        return
    message, html = _composed(found.conference, person)
    try:
        send_now(message, html)
    except (SMTPException, OSError) as failure:
        problem = reply_in(failure).words[:LONGEST_PROBLEM]
        asked.update(failed_at=timezone.now(), problem=problem)
    else:
        asked.update(accepted_at=timezone.now())


def _composed(conference: Conference, person: User) -> tuple[EmailMultiAlternatives, str]:
    page = reverse("admin:conferences_overview", args=[conference.pk])
    url = settings.SITE_URL + page
    with override(language_of(person)):
        subject = _("Test email of %(conference)s") % {"conference": conference}
        facts = {"conference": conference, "url": url, "person": person}
        text = render_to_string("conferences/emails/test_email.txt", facts)
        message = conference_email(conference, subject=subject, text=text, to=person.email)
        return message, html_of_email(str(message.body), subject=subject)
