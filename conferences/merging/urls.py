from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.merging import admin_views


def merging_urls(site: AdminSite) -> list[URLPattern]:
    choose, merge = site.admin_view(admin_views.choose), site.admin_view(admin_views.merge)
    return [
        path("<row:pk>/merge/", choose, name="conferences_merge"),
        path("<row:pk>/merge/<row:stays>/", merge, name="conferences_merge_into"),
    ]
