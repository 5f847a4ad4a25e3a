from django.urls import path

from voting.campaigns.invitations import views

urlpatterns = [
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("invitation/<str:token>/new-link/", views.ask_for_new_link, name="new-invitation-link"),
]
