"""Copies of conferences, for tests."""

from datetime import timedelta

from django.utils import timezone

from accounts.actors import Actor
from conferences.copying.actions import copy_conference
from conferences.copying.dates import Dates


def dates(**changes):
    starts_at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=400)
    found = {"starts_at": starts_at, "ends_at": starts_at + timedelta(days=1)}
    found |= {"opens_at": starts_at - timedelta(days=40), "closes_at": starts_at - timedelta(days=10)}
    return Dates(**found | changes)


def copied(source, *, by=None, **changes):
    """The copy and what happened; by the command line unless a person of a team is named."""
    values = {"title": "Next Conf", "slug": "next-conf", "dates": dates(), "series": source.series}
    actor = Actor(by.person, "127.0.0.1") if by else Actor.of_command()
    return copy_conference(source=source, by=actor, **values | changes)
