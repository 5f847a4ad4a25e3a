"""Links to the years, months and days of a long audit log, as Django has them for a short one.

Django asks for those in which something was done, for which the database reads every act.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Periods:
    """Those from the first act of a list until today."""

    changelist: Any
    first: date
    last: date

    def links(self) -> dict[str, Any]:
        """For Django's template: the periods within the one in the URL, and the way back."""
        year, month, day = (int(self.changelist.params.get(f"at__{part}") or 0) for part in PARTS)
        back, choices = None, [self._link(str(each), year=each) for each in self._years()]
        if year and month and day:
            shown = capfirst(date_format(date(year, month, day), "MONTH_DAY_FORMAT"))
            back, choices = self._month(date(year, month, 1)), [{"title": shown}]
        elif year and month:
            back, choices = self._link(str(year), year=year), list(self._days(year, month))
        elif year:
            back = self._link(_("All dates"))
            choices = [self._month(each) for each in self._months(year)]
        return {"show": True, "back": back, "choices": choices}

    def _years(self) -> range:
        return range(self.first.year, self.last.year + 1)

    def _months(self, year: int) -> list[date]:
        months = [date(year, month, 1) for month in range(1, 13)]
        return [each for each in months if self.first.replace(day=1) <= each <= self.last]

    def _days(self, year: int, month: int) -> Iterator[dict[str, str]]:
        for day in range(1, monthrange(year, month)[1] + 1):
            each = date(year, month, day)
            if self.first <= each <= self.last:
                yield self._link(date_format(each, "MONTH_DAY_FORMAT"), year=year, month=month, day=day)

    def _month(self, each: date) -> dict[str, str]:
        return self._link(date_format(each, "YEAR_MONTH_FORMAT"), year=each.year, month=each.month)

    def _link(self, title: str, **parts: int) -> dict[str, str]:
        query = self.changelist.get_query_string({f"at__{part}": n for part, n in parts.items()}, ["at__"])
        return {"title": capfirst(title), "link": query}


PARTS = "year", "month", "day"


def periods_of(changelist: Any, first: date, last: date) -> dict[str, Any]:
    """The links; none if the time in the URL is none, such as the thirteenth month."""
    try:
        return Periods(changelist, first, last).links()
    except ValueError:
        return {"show": False}
