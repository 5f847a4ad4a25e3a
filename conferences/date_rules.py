"""Which dates a conference and its vote may have; anything else is likely to be a typing error."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from confbox.kit.dates import datetime_in_words

LONGEST = timedelta(days=366)
FARTHEST_START = timedelta(days=10 * 366)
FARTHEST_OPENING = timedelta(days=2 * 366)


def at_entered_fields(found: Mapping[str, Any], derived: Mapping[str, str]) -> dict[str, Any]:
    """These errors, by field, without any at a field that was left empty.

    `derived` has the field from which its value follows. An error is shown there, unless it has one itself.
    """
    shown = {name: errors for name, errors in found.items() if name not in derived}
    for name, origin in derived.items():
        if name in found and origin not in shown:
            shown[origin] = found[name]
    return shown


def refusals_of_dates(
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    now: datetime,
    zone: ZoneInfo,
) -> dict[str, str]:
    """What is wrong with these dates, by field name; empty if nothing is."""
    found = {}
    if starts_at and starts_at > now + FARTHEST_START:
        found["starts_at"] = _("This is more than ten years ahead. Please check the year.")
    if starts_at and ends_at and ends_at < starts_at:
        found["ends_at"] = _("A conference cannot end before it starts.")
    elif starts_at and ends_at and ends_at - starts_at > LONGEST:
        found["ends_at"] = _("A conference can last at most a year. Please check the year.")
    if opens_at and opens_at > now + FARTHEST_OPENING:
        found["voting_opens_at"] = _("This is more than two years ahead. Please check the year.")
    if opens_at and closes_at and closes_at <= opens_at:
        found["voting_closes_at"] = _("Voting must close after it opens.")
    if closes_at and ends_at and closes_at > ends_at:
        sentence = _("Voting must close before the conference ends, which is on %(time)s.")
        time = datetime_in_words(ends_at.astimezone(zone), str(zone))
        found["voting_closes_at"] = sentence % {"time": time}
    return found
