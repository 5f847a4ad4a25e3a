from datetime import datetime

from django.utils.formats import date_format

from conferences.models import Conference


def in_zone(conference: Conference, moment: datetime | None) -> str:
    """The moment in the conference's own time zone, with the zone named; empty if there is none."""
    if moment is None:
        return ""
    local = moment.astimezone(conference.zone)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({conference.time_zone})"
