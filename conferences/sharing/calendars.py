"""Conferences as iCalendar (RFC 5545)."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from accounts.calendar_keys import calendar_secret
from accounts.models import User
from confbox.kit.dates import day_in_words
from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html
from conferences.changes.dates import moved_from
from conferences.local_times import in_zone
from conferences.models import Conference

LONGEST_DESCRIPTION = 2000
A_DAY_BEFORE = timedelta(days=-1)
STATUS = {Conference.Status.ACTIVE.value: "CONFIRMED", Conference.Status.CANCELLED.value: "CANCELLED"}


def without_controls(text: str) -> str:
    """The text without control characters that iCalendar and XML do not allow."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def marked_title(conference: Conference) -> str:
    """The title, as people read it in a list that has no other place to say that it is cancelled."""
    if not conference.is_cancelled:
        return conference.title
    return _("Cancelled: %(conference)s") % {"conference": conference.title}


def calendar_of(conferences: Iterable[Conference], *, name: str) -> bytes:
    """A calendar of these conferences and of their voting deadlines. The same rows give the same bytes."""
    calendar = _calendar()
    calendar.add("x-wr-calname", without_controls(name))
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for conference in conferences:
        calendar.add_component(_conference(conference))
        if conference.election.is_close_ahead():
            calendar.add_component(_close(conference))
    return bytes(calendar.to_ical())


def deadline_of(conference: Conference) -> bytes:
    """A calendar with the voting deadline alone; the same event as in the calendar of its conference."""
    calendar = _calendar()
    calendar.add_component(_close(conference))
    return bytes(calendar.to_ical())


def change_of(conference: Conference) -> bytes:
    """A calendar with the conference as it is now, for an email about a change.

    It is the same event as in the feeds, with a later sequence: a calendar replaces it, or takes it out.
    """
    calendar = _calendar()
    calendar.add("method", "CANCEL" if conference.is_cancelled else "PUBLISH")
    calendar.add_component(_conference(conference))
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//EN")
    calendar.add("version", "2.0")
    return calendar


def _event(conference: Conference, kind: str, title: str) -> Event:
    event = Event()
    event.add("uid", f"{kind}-{conference.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", _utc(conference.changed_at))
    event.add("last-modified", _utc(conference.changed_at))
    event.add("sequence", int((conference.changed_at - conference.created_at).total_seconds()))
    event.add("summary", without_controls(title))
    event.add("url", settings.SITE_URL + conference.get_absolute_url())
    return event


def _conference(conference: Conference) -> Event:
    event = _event(conference, "conference", marked_title(conference))
    if conference.is_all_day:
        event.add("dtstart", conference.starts_at.astimezone(conference.zone).date())
        event.add("dtend", conference.ends_at.astimezone(conference.zone).date() + timedelta(days=1))
    else:
        event.add("dtstart", _utc(conference.starts_at))
        event.add("dtend", _utc(conference.ends_at))
    if conference.contact_email:
        # Not ORGANIZER, which makes an event a meeting that calendars want to answer.
        who = filter(None, [conference.contact_name, conference.contact_email])
        event.add("contact", without_controls(", ".join(who)))
    if conference.place:
        event.add("location", without_controls(conference.place))
    event.add("status", STATUS.get(conference.status, "TENTATIVE"))
    event.add("description", _description(conference))
    return event


def _description(conference: Conference) -> str:
    pieces = []
    if conference.is_cancelled:
        said = _("This conference is cancelled. The organisers’ reason: %(reason)s")
        pieces.append(said % {"reason": without_controls(conference.stop_reason)})
    elif conference.status != Conference.Status.ACTIVE:
        pieces.append(_("The organisers have taken this conference off the list."))
    elif moved_from(conference):
        said = _("This conference was moved. It was to start on %(before)s.")
        pieces.append(said % {"before": _previous_start(conference)})
    if not conference.is_all_day:
        pieces.append(
            f"{in_zone(conference, conference.starts_at)} – {in_zone(conference, conference.ends_at)}"
        )
    if conference.agenda:
        pieces.append(_agenda(conference))
    return "\n\n".join([*pieces, settings.SITE_URL + conference.get_absolute_url()])


def _previous_start(conference: Conference) -> str:
    """Without a time of day if only the days are known."""
    before = moved_from(conference)
    if before and conference.is_all_day:
        return day_in_words(before.astimezone(conference.zone))
    return in_zone(conference, before)


def _agenda(conference: Conference) -> str:
    """As plain text, because calendars do not support Markdown."""
    words = without_controls(html_to_text(markdown_to_html(conference.agenda)))
    return words if len(words) <= LONGEST_DESCRIPTION else words[: LONGEST_DESCRIPTION - 1].rstrip() + "…"


def _close(conference: Conference) -> Event:
    """The time at which voting closes, with a reminder a day before."""
    closes_at = conference.election.closes_at
    assert closes_at is not None
    title = _("Voting closes: %(conference)s") % {"conference": conference.title}
    event = _event(conference, "voting-closes", title)
    event.add("dtstart", _utc(closes_at))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", A_DAY_BEFORE)
    alarm.add("description", without_controls(title))
    event.add_component(alarm)
    return event


def _utc(when: datetime) -> datetime:
    """Whole seconds in UTC: no time zone rules to include, and none that could be out of date."""
    return when.astimezone(get_default_timezone()).replace(microsecond=0)


def calendar_address(user: User) -> str:
    """The secret URL of the person's calendar; empty if there is none."""
    secret = calendar_secret(user)
    return f"{settings.SITE_URL}{reverse('my-calendar')}?{urlencode({'key': secret})}" if secret else ""
