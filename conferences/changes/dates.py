"""When and where a conference takes place, as it is stored with a move."""

from datetime import UTC, datetime

from conferences.local_times import days_of, hours_of
from conferences.models import Conference


def dates_of(conference: Conference) -> dict[str, str]:
    # In UTC, so that the same time is the same text, whatever zone it was entered in.
    times = {name: getattr(conference, name).astimezone(UTC).isoformat() for name in ("starts_at", "ends_at")}
    return times | {"time_zone": conference.time_zone, "place": conference.place}


def moved_from(conference: Conference) -> datetime | None:
    """When it was to start, unless it starts then: a move can be to another place only."""
    before = conference.previous_starts_at
    return None if before == conference.starts_at else before


def in_words(dates: dict[str, str], *, names_zone: bool) -> str:
    """The days, the time of day if it is known, with its time zone, and the place."""
    times = {name: datetime.fromisoformat(dates[name]) for name in ("starts_at", "ends_at")}
    then = Conference(**times, time_zone=dates["time_zone"])
    hours = hours_of(then)
    when = ", ".join(filter(None, [days_of(then), hours]))
    zone = f"({dates['time_zone']})" if hours or names_zone else ""
    return ", ".join(filter(None, [f"{when} {zone}".strip(), dates["place"]]))
