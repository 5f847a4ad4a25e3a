"""A conference as a schema.org event, for search engines."""

from typing import Any

from django.conf import settings

from conferences.changes.dates import moved_from
from conferences.models import Conference
from conferences.sharing.cards import card_path

DAYS_ONLY = "%Y-%m-%d"
ONLINE = "online"


def event_data(conference: Conference) -> dict[str, Any]:
    page = settings.SITE_URL + conference.get_absolute_url()
    is_online = conference.place.strip().lower() == ONLINE
    mode = "OnlineEventAttendanceMode" if is_online else "OfflineEventAttendanceMode"
    previous = moved_from(conference)
    status = "EventRescheduled" if previous else "EventScheduled"
    status = "EventCancelled" if conference.is_cancelled else status
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": conference.title,
        "url": page,
        "startDate": _local_time(conference, "starts_at"),
        "endDate": _local_time(conference, "ends_at"),
        "image": settings.SITE_URL + card_path(conference),
        "organizer": _organiser(conference, page),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": f"https://schema.org/{mode}",
    }
    if previous:
        data["previousStartDate"] = _local_time(conference, "previous_starts_at")
    if conference.place:
        data["location"] = _location(conference, page, is_online=is_online)
    if conference.website:
        data["sameAs"] = conference.website
    if conference.election.speaker:
        data["performer"] = {"@type": "Person", "name": str(conference.election.speaker)}
    return data


def _organiser(conference: Conference, page: str) -> dict[str, str]:
    """Only what the organisers entered, because search engines store it: never the owner's own address."""
    name = conference.contact_name or conference.title
    data = {"@type": "Organization", "name": name, "url": conference.website or page}
    return data | ({"email": conference.contact_email} if conference.contact_email else {})


def _local_time(conference: Conference, column: str) -> str:
    local = getattr(conference, column).astimezone(conference.zone)
    return str(local.strftime(DAYS_ONLY) if conference.is_all_day else local.isoformat(timespec="minutes"))


def _location(conference: Conference, page: str, *, is_online: bool) -> dict[str, str]:
    if is_online:
        return {"@type": "VirtualLocation", "url": conference.website or page}
    return {"@type": "Place", "name": conference.place, "address": conference.place}
