"""Tables for spreadsheets."""

from collections.abc import Iterable, Sequence
from typing import Any

from defusedcsv import csv
from django.http import HttpResponse
from django.utils import timezone


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file to download, in which no cell can act as a formula when a spreadsheet opens it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    file = f"{name}-{timezone.now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return response


def _cell(value: Any) -> Any:
    """Without space at its start, which the guard against formulas does not look behind."""
    return value.lstrip() if isinstance(value, str) else value
