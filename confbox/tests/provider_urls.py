"""The site with log-in providers, as it is where one is set up."""

from accounts.providers.urls import provider_urlpatterns
from confbox.urls import urlpatterns as site

urlpatterns = [*provider_urlpatterns, *site]
