"""The pages of a team are pages of its series or conference in the admin."""

from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.models import Conference
from conferences.teams import admin_views
from conferences.teams.access import Scope


def team_urls(site: AdminSite, model: type[Scope]) -> list[URLPattern]:
    prefix = "conferences_team" if model is Conference else "conferences_series_team"
    one = "<row:pk>/team/"
    pages: list[tuple[str, Any, str]] = [
        (one, admin_views.team, ""),
        (f"{one}leave/", admin_views.leave, "_leave"),
        (f"{one}<row:member_id>/", admin_views.member, "_member"),
        (f"{one}invited/<row:invitation_id>/", admin_views.withdraw, "_withdraw"),
    ]
    return [
        path(route, site.admin_view(partial(view, model=model)), name=f"{prefix}{name}")
        for route, view, name in pages
    ]
