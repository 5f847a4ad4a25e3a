"""Only where a provider is set up."""

from django.urls import path

from accounts.providers.views import connected, entrance, sign_up

provider_urlpatterns = [
    path("accounts/with/<str:provider_id>/", entrance.log_in_with, name="log-in-with"),
    path("accounts/with/<str:provider_id>/back/", entrance.back_from_provider, name="back-from-provider"),
    path("accounts/log-ins/", connected.connected_log_ins, name="connected-log-ins"),
    path("accounts/log-ins/<row:account_id>/remove/", connected.disconnect, name="disconnect-log-in"),
    path("accounts/log-ins/new/", sign_up.provider_sign_up, name="provider-sign-up"),
    path("accounts/log-ins/new/code/", sign_up.confirm_provider, name="confirm-provider"),
    path("accounts/log-ins/new/code/resend/", sign_up.resend_provider_code, name="resend-provider-code"),
]
