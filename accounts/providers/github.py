"""GitHub, which has no OpenID: its own list says which addresses it has confirmed."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.http import HttpRequest

from accounts.providers.openid import callback_url


class GitHubAdapter(GitHubOAuth2Adapter):  # type: ignore[misc]
    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_url(self.provider_id)


class GitHub(GitHubProvider):  # type: ignore[misc]
    oauth2_adapter_class = GitHubAdapter

    def get_default_scope(self) -> list[str]:
        return ["user:email"]

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is stored: how people recognise the log-in."""
        return {"login": str(data.get("login", ""))[:100]}
