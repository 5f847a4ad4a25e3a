from django.urls import path

from voting.elections.sharing import views

urlpatterns = [
    path("conferences/<slug:slug>/candidates/<row:member_id>/", views.candidate, name="candidate"),
    path(
        "conferences/<slug:slug>/candidates/<row:member_id>/card.png",
        views.candidate_picture,
        name="candidate-card",
    ),
    path("conferences/<slug:slug>/pitch/share/", views.share_pitch, name="share-pitch"),
    path("conferences/<slug:slug>/pitch/unshare/", views.unshare_pitch, name="unshare-pitch"),
]
