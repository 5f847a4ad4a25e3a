"""How moments are told, the same way everywhere."""

from datetime import datetime

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.dates import written
from conferences.models import Conference


def in_zone(conference: Conference, moment: datetime | None) -> str:
    """The moment in the conference's own time zone, with the zone named; empty if there is none."""
    return moment_in_words(moment.astimezone(conference.zone), conference.time_zone) if moment else ""


def moment_in_words(local: datetime, zone: str) -> str:
    return _("%(day)s, %(clock)s (%(zone)s)") % {
        "day": day_in_words(local),
        "clock": clock_in_words(local),
        "zone": zone.replace("_", " "),
    }


def day_in_words(local: datetime) -> str:
    return written(local, pgettext("a day", "j F Y"))


def clock_in_words(local: datetime) -> str:
    return time_format(local, pgettext("time of day", "H:i"))
