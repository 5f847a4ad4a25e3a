"""What every page of the desk starts and ends with: who may, which conference, and the record."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from conferences.local_times import in_zone
from voting.elections.models import Tally


def conference_or_refuse(request: HttpRequest, conference_id: int, *permissions: str) -> Tally:
    """The conference, for who may see its tally and has these permissions too."""
    if not request.user.has_perms(["voting.view_tally", *permissions]):
        raise PermissionDenied
    conferences = Tally.objects.as_of_now().select_related("speaker__user")
    found: Tally = get_object_or_404(conferences, pk=conference_id)  # type: ignore[assignment]
    return found


def page_context(request: HttpRequest, conference: Tally) -> dict[str, Any]:
    return admin.site.each_context(request) | {
        "opts": Tally._meta,
        "title": conference.title,
        "conference": conference,
        "state": conference.voting_state(),
        "is_open": conference.is_voting_open(),
        "opens": in_zone(conference, conference.voting_opens_at),
        "closes": in_zone(conference, conference.voting_closes_at),
    }


def record(request: HttpRequest, conference: Tally, what: str) -> None:
    """Tells both histories what was done: with numbers, as names would outlive deleted accounts there."""
    admin.site.get_model_admin(Tally).log_change(request, conference, what)
