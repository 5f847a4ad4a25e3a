from django.urls import path

from conferences import paths, people, views  # noqa: F401  (paths registers the converter)

urlpatterns = [
    path("", views.conferences, name="conferences"),
    path("people/<row:user_id>/", people.person, name="person"),
    path("conferences/<slug:slug>/", views.conference, name="conference"),
    path("conferences/<slug:slug>/join/", views.join_conference, name="join-conference"),
    path("conferences/<slug:slug>/members/", views.members, name="members"),
]
