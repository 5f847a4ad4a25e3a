from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from confbox.kit.dates import datetime_in_words, day_in_words, format_date, time_in_words
from conferences.local_times import in_zone
from conferences.models import Conference

register = template.Library()


@register.filter
def days_of(conference: Conference) -> str:
    """From its first to its last day, in its own zone: “26–27 November 2026”."""
    first, last = _ends(conference)
    if first.date() == last.date():
        return day_in_words(first)
    if (first.year, first.month) == (last.year, last.month):
        start = format_date(first, pgettext("first day of two in one month", "j"))
    elif first.year == last.year:
        start = format_date(first, pgettext("first day of two in one year", "j F"))
    else:
        start = day_in_words(first)
    return _("%(first)s–%(last)s") % {"first": start, "last": day_in_words(last)}


@register.filter
def hours_of(conference: Conference) -> str:
    """When it starts and ends on the clock; nothing when only the days are known."""
    if conference.is_all_day:
        return ""
    first, last = _ends(conference)
    return _("%(first)s–%(last)s") % {"first": time_in_words(first), "last": time_in_words(last)}


def _ends(conference: Conference) -> tuple[datetime, datetime]:
    return conference.starts_at.astimezone(conference.zone), conference.ends_at.astimezone(conference.zone)


@register.simple_tag
def moment_of(conference: Conference, moment: datetime | None) -> str:
    """A moment in the conference's zone, with the zone named."""
    return in_zone(conference, moment)


@register.simple_tag
def moment_here(moment: datetime) -> str:
    """A moment in the reader's own zone, with the zone named."""
    return datetime_in_words(timezone.localtime(moment), timezone.get_current_timezone_name())


@register.filter
def time_left(moment: datetime | None) -> str:
    """How long from now until the moment, in its largest unit: “3 days”."""
    seconds = int((moment - timezone.now()).total_seconds()) if moment else 0
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days > 1:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if hours > 1:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if minutes > 0:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("less than a minute")
