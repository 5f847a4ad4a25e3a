from django.urls import path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences import people, views

urlpatterns = [
    path("", views.conferences, name="conferences"),
    path("people/<row:user_id>/", people.person, name="person"),
    path("conferences/<slug:slug>/", views.conference, name="conference"),
    path("conferences/<slug:slug>/join/", views.join_conference, name="join-conference"),
    path("conferences/<slug:slug>/members/", views.members, name="members"),
]
