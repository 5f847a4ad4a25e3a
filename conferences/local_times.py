"""How moments are told, the same way everywhere."""

from datetime import datetime

from confbox.kit.dates import datetime_in_words
from conferences.models import Conference


def in_zone(conference: Conference, moment: datetime | None) -> str:
    """The moment in the conference's own time zone, with the zone named; empty if there is none."""
    return datetime_in_words(moment.astimezone(conference.zone), conference.time_zone) if moment else ""
