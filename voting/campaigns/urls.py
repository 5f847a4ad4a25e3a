from django.urls import include, path

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from voting.campaigns import views
from voting.campaigns.bounces import views as bounce_views
from voting.campaigns.subscriptions import views as subscription_views

urlpatterns = [
    path("", include("voting.campaigns.invitations.urls")),
    path("conferences/<slug:slug>/campaigns/new/", views.request_campaign, name="request-campaign"),
    path("conferences/<slug:slug>/campaigns/preview/", views.preview, name="campaign-preview"),
    path("conferences/<slug:slug>/campaigns/<row:campaign_id>/", views.campaign, name="campaign"),
    path(
        "conferences/<slug:slug>/campaigns/<row:campaign_id>/progress/",
        views.progress,
        name="campaign-progress",
    ),
    path(
        "conferences/<slug:slug>/campaigns/<row:campaign_id>/change/",
        views.change_campaign,
        name="change-campaign",
    ),
    path(
        "conferences/<slug:slug>/campaigns/<row:campaign_id>/withdraw/",
        views.withdraw_campaign,
        name="withdraw-campaign",
    ),
    path("bounces/", bounce_views.take_events, name="take-events"),
    path("unsubscribe/<str:token>/", subscription_views.unsubscribe, name="unsubscribe"),
    path("me/address/", subscription_views.confirm_address_again, name="confirm-address-again"),
    path("me/address/<str:token>/", subscription_views.confirmed_address, name="confirmed-address"),
]
