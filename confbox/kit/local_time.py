"""Local times on days on which clocks change: some times do not exist then, others occur twice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there: at midnight, at the first of two midnights, or after a skipped one."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def last_minute(day: date, zone: ZoneInfo) -> datetime:
    """The last whole minute of the day there."""
    return start_of_day(day + timedelta(days=1), zone) - MINUTE


def is_first_minute(when: datetime, zone: ZoneInfo) -> bool:
    local = when.astimezone(zone).replace(second=0, microsecond=0)
    return local.time() == time(0) or local.astimezone(UTC) == start_of_day(local.date(), zone)


def is_last_minute(when: datetime, zone: ZoneInfo) -> bool:
    local = when.astimezone(zone).replace(second=0, microsecond=0)
    return local.time() == time(23, 59) or local.astimezone(UTC) == last_minute(local.date(), zone)


def readings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The UTC times that this local time can mean: none if it is skipped, two if it occurs twice."""
    naive = local.replace(tzinfo=None)
    both = {naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(when for when in both if when.astimezone(zone).replace(tzinfo=None) == naive)
