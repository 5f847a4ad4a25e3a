from django.urls import path

from conferences.tickets import views

urlpatterns = [
    path("", views.ticket, name="ticket"),
    path("claim/", views.claim, name="claim-ticket"),
    path("code/", views.code, name="ticket-code"),
    path("code/resend/", views.resend, name="resend-ticket-code"),
]
