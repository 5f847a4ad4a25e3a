from django.urls import path

from voting.elections.moderation import views

urlpatterns = [
    path("conferences/<slug:slug>/pitch/ask/", views.ask_to_show_pitch, name="ask-to-show-pitch"),
]
