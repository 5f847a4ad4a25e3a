"""The time zone that is chosen from the start for a new conference."""

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.permissions import Viewer, has_site_permission
from conferences.models import Conference, Series
from conferences.teams.series_field import CREATE


def usual_zone(user: Viewer) -> str:
    """That of the last conference in the person's series, else of their last one; empty if there is none."""
    for conferences in _own(user):
        zone: str | None = conferences.order_by("-pk").values_list("time_zone", flat=True).first()
        if zone:
            return zone
    return ""


def _own(user: Viewer) -> Iterator[QuerySet[Conference]]:
    managed = Conference.objects.managed_by(user).real()
    if has_site_permission(user, CREATE):
        # They manage all; their own are those that they created.
        yield managed.filter(created_by=user.pk)
        return
    yield managed.filter(series__in=Series.objects.managed_by(user, CREATE))
    yield managed
