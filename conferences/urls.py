from django.urls import path

from conferences import paths, views  # noqa: F401  (paths registers the converter)

urlpatterns = [
    path("", views.conferences, name="conferences"),
    path("conferences/<slug:slug>/", views.conference, name="conference"),
    path("conferences/<slug:slug>/join/", views.join_conference, name="join-conference"),
    path("conferences/<slug:slug>/members/", views.members, name="members"),
]
