from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.overview import admin_views


def overview_urls(site: AdminSite) -> list[URLPattern]:
    overview, test_email = map(site.admin_view, (admin_views.overview, admin_views.test_email))
    return [
        path("<row:pk>/", overview, name="conferences_overview"),
        path("<row:pk>/test-email/", test_email, name="conferences_test_email"),
    ]
