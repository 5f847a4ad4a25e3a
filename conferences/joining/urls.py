"""Joining: the pages of people, and those of the organisers as pages of the conference in the admin."""

from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.joining import admin_views, views

urlpatterns = [
    path("conferences/<slug:slug>/join/code/", views.join_by_code, name="join-by-code"),
    path("conferences/<slug:slug>/join/request/", views.request_to_join, name="request-to-join"),
    path("j/", views.enter_code, name="enter-code"),
    path("j/<str:code>/", views.join_link, name="join-link"),
]


def joining_urls(site: AdminSite) -> list[URLPattern]:
    one = "<row:pk>/joining/"
    code = f"{one}code/<row:code_id>/"
    pages: list[tuple[str, Any, str]] = [
        (one, admin_views.joining, ""),
        (f"{one}code/add/", admin_views.add_code, "_add_code"),
        (f"{code}slide/", admin_views.slide, "_slide"),
        (f"{code}renew/", admin_views.renew, "_renew"),
        (f"{code}end/", admin_views.end, "_end"),
        (f"{one}request/<row:request_id>/", admin_views.answer, "_answer"),
    ]
    return [
        path(route, site.admin_view(view), name=f"conferences_joining{name}") for route, view, name in pages
    ]
