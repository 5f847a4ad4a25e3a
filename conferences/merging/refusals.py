"""What keeps two conferences from being merged, with links to the pages where it can be changed."""

from dataclasses import dataclass

from django.urls import reverse

from conferences.changes.rules import why_not_to_cancel
from conferences.models import Conference


@dataclass(frozen=True)
class Way:
    label: str
    url: str


@dataclass(frozen=True)
class Refusal:
    words: str
    ways: tuple[Way, ...] = ()
    # Whether nothing that an organiser can do makes this merge possible.
    is_final: bool = False


def way(label: str, page: str, conference: Conference) -> Way:
    return Way(label, reverse(f"admin:conferences_{page}", args=[conference.pk]))


def way_to_cancel(label: str, conference: Conference) -> tuple[Way, ...]:
    """None if it cannot be cancelled."""
    return () if why_not_to_cancel(conference) else (way(label, "cancel", conference),)
