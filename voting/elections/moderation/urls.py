from django.urls import path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from voting.elections.moderation import views

urlpatterns = [
    path(
        "conferences/<slug:slug>/members/<row:member_id>/report/", views.report_member, name="report-member"
    ),
    path("conferences/<slug:slug>/pitch/ask/", views.ask_to_show_pitch, name="ask-to-show-pitch"),
]
