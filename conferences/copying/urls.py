from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.copying import admin_views


def copying_urls(site: AdminSite) -> list[URLPattern]:
    return [path("<row:pk>/copy/", site.admin_view(admin_views.copy), name="conferences_copy")]
