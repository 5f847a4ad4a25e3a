"""The other log-ins that this site offers, as its operators have set them up."""

from dataclasses import dataclass

from allauth.socialaccount.models import SocialApp
from django.conf import settings


@dataclass(frozen=True)
class ConfiguredProvider:
    id: str
    name: str
    server_url: str
    client_id: str
    secret: str

    @property
    def is_trusted(self) -> bool:
        """Whether its word that an email address is confirmed counts."""
        return self.id in settings.TRUSTED_LOGIN_PROVIDERS

    @property
    def app(self) -> SocialApp:
        """As allauth wants it; it is never stored."""
        kind = "openid_connect" if self.server_url else self.id
        shown = {"provider_id": self.id, "name": self.name, "client_id": self.client_id}
        more = {"server_url": self.server_url, "oauth_pkce_enabled": True}
        return SocialApp(provider=kind, secret=self.secret, settings=more, **shown)


def configured_providers() -> list[ConfiguredProvider]:
    return [ConfiguredProvider(key, **values) for key, values in settings.LOGIN_PROVIDERS.items()]


def configured_provider(key: str) -> ConfiguredProvider | None:
    return next((provider for provider in configured_providers() if provider.id == key), None)


def name_of_provider(key: str) -> str:
    """Also of one that is no longer offered."""
    found = configured_provider(key)
    return found.name if found else key.title()
