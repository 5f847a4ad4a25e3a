"""Whether the mail server takes emails of the site."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from confbox.kit.email_html import html_of_email
from confbox.kit.email_sending import send_now
from confbox.watching.findings import Finding, ok, problem

MAIL_SERVER_SECONDS = 6


def mail_server() -> Finding:
    """Logs in and out again."""
    server = get_connection()
    if not isinstance(server, EmailBackend):
        if settings.DEBUG:
            return ok(_("Emails are not sent but written to files."))
        return problem(_("Emails are not sent but written to files. Set EMAIL_URL."))
    server.timeout = MAIL_SERVER_SECONDS
    try:
        server.open()
    except OSError as error:
        said = _("%(host)s refuses the site, so no email leaves: %(error)s. Check EMAIL_URL.")
        return problem(said % {"host": server.host, "error": f"{type(error).__name__}: {error}"[:200]})
    finally:
        server.close()
    return ok(_("%(host)s lets the site in.") % {"host": server.host})


def send_test_email(to: str) -> None:
    """Raises OSError if the mail server does not take it."""
    subject = _("Test email of %(site)s") % {"site": settings.SITE_NAME}
    text = _("If you read this, emails of %(site)s arrive.") % {"site": settings.SITE_URL}
    send_now(EmailMultiAlternatives(subject, text, to=[to]), html_of_email(text, subject=subject))
