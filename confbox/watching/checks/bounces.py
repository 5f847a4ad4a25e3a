"""Whether something reads the emails that come back."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from confbox.watching.findings import Finding, ok, problem, warning
from voting.campaigns.subscriptions.models import BounceReading

# The timer reads the mailbox every five minutes.
SILENT_AFTER = timedelta(hours=1)


def bounces() -> Finding:
    if not settings.BOUNCE_ADDRESS:
        return ok(_("They go to the sender: %(sender)s.") % {"sender": settings.DEFAULT_FROM_EMAIL})
    read_at = BounceReading.last()
    if settings.BOUNCE_IMAP and (read_at is None or timezone.now() - read_at > SILENT_AFTER):
        said = _("No one has read their mailbox within the last hour. Start %(timer)s.")
        return problem(said % {"timer": "conferencebox-bounces.timer"})
    if read_at is None:
        said = _(
            "They go to %(address)s, and nothing has handed one over to the site yet. Send an email to this "
            "address; if this sentence stays, look at docs/bounces.md."
        )
        return warning(said % {"address": settings.BOUNCE_ADDRESS})
    if settings.BOUNCE_IMAP:
        return ok(_("They go to %(address)s and are read.") % {"address": settings.BOUNCE_ADDRESS})
    said = _("They go to %(address)s. The site last got one on %(time)s.")
    return ok(said % {"address": settings.BOUNCE_ADDRESS, "time": date_format(read_at, "DATETIME_FORMAT")})
