"""The pages below `/accounts/tokens/`."""

from django.urls import path

from conferences.api_tokens import views

urlpatterns = [
    path("tokens/", views.api_tokens, name="api-tokens"),
    path("tokens/new/", views.make_token, name="make-token"),
    path("tokens/<row:token_id>/end/", views.end_token, name="end-token"),
]
