from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.http import HttpRequest

from accounts.models import User
from accounts.providers.configured import configured_provider, configured_providers
from accounts.providers.github import GitHub
from accounts.providers.openid import OpenIDProvider
from accounts.providers.provider_session import ProviderSession


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth with the providers of the settings alone: what is in its table is not read."""

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> OpenIDProvider | GitHub:
        app = self.get_app(request, provider, client_id)
        return (OpenIDProvider if app.settings["server_url"] else GitHub)(request, app=app)

    def list_providers(self, request: HttpRequest) -> list[OpenIDProvider | GitHub]:
        return [self.get_provider(request, found.id) for found in configured_providers()]

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        found = configured_provider(provider)
        if found is None:
            raise SocialApp.DoesNotExist
        return found.app

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Only to fill in the name of a new account."""
        parts = (data.get("first_name"), data.get("last_name"))
        sociallogin.user.name = str(data.get("name") or " ".join(part for part in parts if part))
        user: User = sociallogin.user
        return user

    def get_requests_session(self) -> ProviderSession:
        return ProviderSession()
