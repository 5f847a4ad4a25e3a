from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.creating import admin_views


def creating_urls(site: AdminSite) -> list[URLPattern]:
    what, when, who = map(site.admin_view, (admin_views.what, admin_views.when, admin_views.who))
    return [
        path("create/", site.admin_view(admin_views.create), name="conferences_create"),
        path("<row:pk>/create/what/", what, name="conferences_what"),
        path("<row:pk>/create/when/", when, name="conferences_when"),
        path("<row:pk>/create/who/", who, name="conferences_who"),
    ]
