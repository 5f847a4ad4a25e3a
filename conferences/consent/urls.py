"""Pages of a conference, and of a series, in the admin."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.consent import admin_views


def consent_urls(site: AdminSite) -> list[URLPattern]:
    one = "<row:pk>/second-person/"
    return [
        path("second-person/", site.admin_view(admin_views.all_waiting), name="conferences_consent_all"),
        path(one, site.admin_view(admin_views.of_conference), name="conferences_consent"),
        path(
            f"{one}<row:consent_id>/",
            site.admin_view(admin_views.answer),
            name="conferences_consent_request",
        ),
    ]


def setting_urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view(admin_views.settings)
    return [path("<row:pk>/second-person/", view, name="conferences_series_consent")]
