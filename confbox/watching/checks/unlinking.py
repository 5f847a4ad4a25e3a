"""Whether voters are unlinked from their choices when the page of the result says so."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.watching.findings import Finding, ok, warning
from voting.elections.receipts.models import PublishedBallots

# The worker looks each minute; an operator may take a while.
SPARE, SPARE_BY_HAND = timedelta(hours=1), timedelta(days=2)


def unlinking() -> Finding:
    spare = SPARE if settings.UNLINK_AUTOMATICALLY else SPARE_BY_HAND
    overdue = PublishedBallots.objects.to_unlink(overdue=spare).count()
    if not overdue:
        return ok(_("No voter is linked to a choice for longer than announced."), 0)
    said = ngettext(
        "Voters of %(n)s conference are still linked to their choices, although the time for disputes has "
        "passed.",
        "Voters of %(n)s conferences are still linked to their choices, although the time for disputes has "
        "passed.",
        overdue,
    )
    return warning(f"{said % {'n': overdue}} {_what_to_do()}", overdue)


def _what_to_do() -> str:
    if settings.UNLINK_AUTOMATICALLY:
        return _("Find out why %(service)s failed.") % {"service": "conferencebox-worker.service"}
    return _("Run %(command)s.") % {"command": "conferencebox unlink_voters"}
