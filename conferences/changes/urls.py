from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.changes import admin_views, correction_views


def changes_urls(site: AdminSite) -> list[URLPattern]:
    move, unpublish = map(site.admin_view, (admin_views.move, admin_views.unpublish))
    delete = site.admin_view(admin_views.delete)
    correct = site.admin_view(correction_views.correct)
    return [
        path("<row:pk>/correct-reason/", correct, name="conferences_correct_reason"),
        path("<row:pk>/delete-with-team/", delete, name="conferences_delete"),
        path("<row:pk>/publish/", site.admin_view(admin_views.publish), name="conferences_publish"),
        path("<row:pk>/move/", move, name="conferences_move"),
        path("<row:pk>/unpublish/", unpublish, name="conferences_unpublish"),
        path("<row:pk>/cancel/", site.admin_view(admin_views.cancel), name="conferences_cancel"),
        path("<row:pk>/reinstate/", site.admin_view(admin_views.reinstate), name="conferences_reinstate"),
    ]
