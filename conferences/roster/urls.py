"""The pages of a roster are pages of its conference in the admin."""

from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.roster import exports, import_views, views


def roster_urls(site: AdminSite) -> list[URLPattern]:
    one, entry = "<row:pk>/roster/", "<row:pk>/roster/<row:entry_id>/"
    pages: list[tuple[str, Any, str]] = [
        (one, views.roster, ""),
        (f"{one}add/", views.add, "_add"),
        (f"{one}import/", import_views.upload, "_import"),
        (f"{one}import/<str:digest>/", import_views.confirm, "_confirm"),
        (f"{entry}change/", views.change, "_change"),
        (f"{entry}remove/", views.remove, "_remove"),
        (f"{entry}restore/", views.restore, "_restore"),
        *(
            (f"{one}export.{kind}", exports.from_roster(partial(exports.export, kind=kind)), f"_{kind}")
            for kind in exports.FORMATS
        ),
    ]
    return [
        path(route, site.admin_view(view), name=f"conferences_roster{name}") for route, view, name in pages
    ]
