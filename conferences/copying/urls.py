from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.copying import admin_views


def copying_urls(site: AdminSite) -> list[URLPattern]:
    copy, steps = map(site.admin_view, (admin_views.copy, admin_views.next_steps))
    return [
        path("<row:pk>/copy/", copy, name="conferences_copy"),
        path("<row:pk>/next-steps/", steps, name="conferences_next_steps"),
    ]
