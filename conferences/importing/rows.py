"""Turns a row of an imported file into a conference, through the model's own validators."""

import re
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.coded import coded_errors
from confbox.kit.local_time import last_minute, start_of_day
from confbox.kit.time_zones import time_zone_of
from confbox.kit.validators import validate_one_line
from conferences.date_rules import refusals_of_dates
from conferences.importing.files import COLUMNS, REQUIRED, Row
from conferences.models import Conference

TEXTS = tuple(column for column in COLUMNS if column != "online")
# The column of the file that fills a model field, for error messages.
COLUMN_OF = {"title": "name", "website": "url", "time_zone": "timeZone", "place": "city, country"}
UNKNOWN_ZONE = "UTC"
FIRST_YEAR, LAST_YEAR = 1990, 2100


def is_printable(text: str) -> bool:
    try:
        validate_one_line(text)
    except ValidationError:
        return False
    return True


def title_of(row: Row) -> str:
    """The row's title as far as it can be shown."""
    title = row.columns.get("name")
    return title.strip()[:80] if isinstance(title, str) and is_printable(title) else ""


def has_known_zone(row: Row) -> bool:
    """Whether the row names its zone, or its place determines it."""
    texts = [str(row.columns.get(column) or "").strip() for column in ("timeZone", "city", "country")]
    return bool(texts[0] or time_zone_of(*texts[1:]))


def conference_of(row: Row, blank: Conference) -> Conference:
    """The row as a conference, valid but without its slug.

    Raises:
        ValidationError: with every reason against the row.
    """
    if row.broken:
        raise ValidationError(row.broken, code="rows_refused")
    reading = Reading(row.columns)
    texts = {column: reading.text(column) for column in TEXTS}
    blank.title, blank.website, blank.topic = texts["name"], texts["url"], texts["topic"]
    blank.place = place_name(texts["city"], texts["country"], online=reading.flag("online"))
    blank.time_zone = texts["timeZone"] or time_zone_of(texts["city"], texts["country"]) or UNKNOWN_ZONE
    reading.check_fields(blank)
    first, last = reading.day("startDate", texts["startDate"]), reading.day("endDate", texts["endDate"])
    if first and last and "timeZone" not in reading.reasons:
        _set_days(blank, first, last)
        reading.check_dates(blank)
    if reading.reasons:
        raise coded_errors(reading.reasons.values(), code="rows_refused")
    return blank


class Reading:
    """Reads the columns of one row and collects errors by column."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = columns
        self.reasons: dict[str, str] = {}

    def refuse(self, column: str, sentence: str) -> None:
        self.reasons.setdefault(column, sentence.rstrip("."))

    def text(self, column: str) -> str:
        value = self.columns.get(column)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            if column in REQUIRED:
                self.refuse(column, _("%(column)s is missing") % {"column": column})
            return ""
        if not isinstance(value, str):
            self.refuse(column, _("%(column)s must be text in quotation marks") % {"column": column})
            return ""
        try:
            validate_one_line(value.strip())
        except ValidationError as error:
            self.refuse(column, f"{column}: {' '.join(error.messages)}")
            return ""
        return value.strip()

    def flag(self, column: str) -> bool:
        value = self.columns.get(column)
        if value is not None and not isinstance(value, bool):
            self.refuse(column, _("%(column)s must be true or false") % {"column": column})
        return value is True

    def day(self, column: str, text: str) -> date | None:
        if column in self.reasons:
            return None
        try:
            return _day(column, text)
        except ValidationError as error:
            self.refuse(column, error.messages[0])
            return None

    def check_fields(self, conference: Conference) -> None:
        """Runs the model's own validators on columns that could be read; times and slug come later."""
        later = {"slug", "starts_at", "ends_at", "created_by"}
        unreadable = {field for field, column in COLUMN_OF.items() if column in self.reasons}
        try:
            conference.clean_fields(exclude=later | unreadable)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                column = COLUMN_OF.get(field, field)
                self.refuse(column, f"{column}: {' '.join(messages)}")

    def check_dates(self, conference: Conference) -> None:
        columns = {"starts_at": "startDate", "ends_at": "endDate"}
        dates = {name: getattr(conference, name) for name in columns}
        for name, sentence in refusals_of_dates(**dates, now=conference.now, zone=conference.zone).items():
            self.refuse(columns[name], sentence)


def _set_days(conference: Conference, first: date, last: date) -> None:
    """Only days are known: from midnight to the last minute there."""
    conference.starts_at = start_of_day(first, conference.zone)
    conference.ends_at = last_minute(last, conference.zone)


def _day(column: str, text: str) -> date:
    try:
        # Python also parses 20270331, which may have been meant differently.
        day = date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError as error:
        raise ValidationError(
            _("%(column)s must be a date such as 2027-03-31") % {"column": column}, code="rows_refused"
        ) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("%(column)s must be between %(first)s and %(last)s")
            % {"column": column, "first": FIRST_YEAR, "last": LAST_YEAR},
            code="rows_refused",
        )
    return day


def place_name(city: str, country: str, *, online: bool) -> str:
    """City and country as people read them; “Online” if there is no place."""
    return ", ".join(part for part in (city, country) if part) or ("Online" if online else "")
