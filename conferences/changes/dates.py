"""When and where a conference takes place, as it is stored with a move."""

from datetime import datetime

from conferences.local_times import days_of, hours_of
from conferences.models import Conference


def dates_of(conference: Conference) -> dict[str, str]:
    times = {name: getattr(conference, name).isoformat() for name in ("starts_at", "ends_at")}
    return times | {"time_zone": conference.time_zone, "place": conference.place}


def in_words(dates: dict[str, str]) -> str:
    """The days, the time of day if it is known, and the place."""
    times = {name: datetime.fromisoformat(dates[name]) for name in ("starts_at", "ends_at")}
    then = Conference(**times, time_zone=dates["time_zone"])
    return ", ".join(filter(None, [days_of(then), hours_of(then), dates["place"]]))
