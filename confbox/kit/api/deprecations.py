"""Operations that are to go (RFC 9745, RFC 8594), as “Versions” of the documentation promises it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.utils.http import http_date

SHORTEST = timedelta(days=183)


@dataclass(frozen=True)
class Deprecation:
    """Since which day programs are told, and from which day on the operation may be gone."""

    since: date
    sunset: date

    def __post_init__(self) -> None:
        if self.sunset - self.since < SHORTEST:
            raise ImproperlyConfigured(f"An operation goes {SHORTEST.days} days after it is announced.")

    @property
    def in_words(self) -> str:
        return f"Deprecated since {self.since.isoformat()}; gone from {self.sunset.isoformat()} on."


def say_deprecation(response: HttpResponse, deprecation: Deprecation | None) -> None:
    if deprecation is None:
        return
    response.headers["Deprecation"] = f"@{_seconds(deprecation.since)}"
    response.headers["Sunset"] = http_date(_seconds(deprecation.sunset))


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
