from datetime import datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.dates import datetime_in_words
from conferences.local_times import days_of, hours_of, in_zone
from conferences.models import Conference

register = template.Library()
register.filter(days_of)
register.filter(hours_of)


@register.simple_tag
def datetime_of(conference: Conference, when: datetime | None) -> str:
    """The time in the conference's zone, with the name of the zone."""
    return in_zone(conference, when)


@register.simple_tag
def datetime_here(when: datetime) -> str:
    """The time in the reader's own zone, with the name of the zone."""
    return datetime_in_words(timezone.localtime(when), timezone.get_current_timezone_name())


@register.simple_tag(takes_context=True)
def datetime_there(context: Context, when: datetime) -> str:
    """The time in the zone of the conference that the page is about, or else in the reader's own."""
    conference = context.get("conference")
    return in_zone(conference, when) if conference else datetime_here(when)


@register.filter
def time_left(when: datetime | None) -> str:
    """The time from now until then, in its largest unit: “3 days”."""
    seconds = int((when - timezone.now()).total_seconds()) if when else 0
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days > 1:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if hours > 1:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if minutes > 0:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("less than a minute")
