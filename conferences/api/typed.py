"""The fields of a body, as a person would type them into the form of the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict


def typed(values: Mapping[str, Any], zone: ZoneInfo | None = None) -> QueryDict:
    """Times as they are in this zone, to the minute. What is None or False is left out, as by a browser."""
    found = QueryDict(mutable=True)
    for name, value in values.items():
        if isinstance(value, datetime) and zone:
            found[name] = value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        elif isinstance(value, list):
            found.setlist(name, value)
        elif value is not None and value is not False:
            found[name] = str(value)
    return found
