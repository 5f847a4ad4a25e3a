"""OpenID Connect with what allauth leaves out.

allauth sends no nonce, does not check the signature of an ID token that came directly from the provider, and
prefers what `userinfo` says, also about another subject.
"""

import json
from hashlib import sha256
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.providers.provider_session import check_url

# Signatures that the provider alone can make; not those with the client's secret, and not none.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
CLOCK_SECONDS = 60
# Microsoft's common servers name this in place of the tenant.
ANY_TENANT = "{tenantid}"


def callback_url(provider_id: str) -> str:
    """Exactly as the operator has registered it with the provider, whatever host was asked for."""
    path = reverse("back-from-provider", kwargs={"provider_id": provider_id})
    return f"{settings.SITE_URL}{path}"


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    # Of the log-in that is being completed.
    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        expected = self.get_provider().app.settings["server_url"]
        if str(config["issuer"]).replace(ANY_TENANT, _tenant_in(expected)).rstrip("/") != expected:
            raise OAuth2Error("The provider has another issuer.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            check_url(str(config[name]))
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_url(self.provider_id)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        claims = self._claims(app, str(kwargs["response"].get("id_token") or ""))
        if "email" not in claims and self.openid_config.get("userinfo_endpoint"):
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims["sub"]:
                raise OAuth2Error("The provider describes another person.")
            claims = more | claims
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """What the provider has signed for this site and this log-in."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key_of(id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                leeway=CLOCK_SECONDS,
                options={"require": REQUIRED, "verify_iss": False},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"The ID token is not valid: {type(error).__name__}.") from error
        issuer = str(self.openid_config["issuer"]).replace(ANY_TENANT, str(claims.get("tid")))
        if claims["iss"] != issuer or claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The ID token is of another issuer or for another client.")
        if not self.nonce or not constant_time_compare(self.nonce, str(claims.get("nonce"))):
            raise OAuth2Error("The ID token is of another log-in.")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
        named = jwt.get_unverified_header(id_token).get("kid")
        keys = jwt.PyJWKSet.from_dict(response.json()).keys
        public = [key for key in keys if key.key_type != "oct" and key.public_key_use in (None, "sig")]
        found = [key for key in public if named in (None, key.key_id)]
        if len(found) != 1:
            raise OAuth2Error("The ID token is signed with an unknown key.")
        return found[0]


def _tenant_in(server_url: str) -> str:
    """`https://login.microsoftonline.com/common/v2.0` is the server of each tenant."""
    return server_url.removesuffix("/v2.0").rpartition("/")[2]


class OpenIDProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = OpenIDAdapter

    def extract_uid(self, data: dict[str, Any]) -> str:
        """A subject belongs to its issuer. A digest, because MariaDB takes "Ab" and "aB" for the same."""
        claims = data["id_token"]
        return sha256(json.dumps([claims["iss"], claims["sub"]]).encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is stored: how people recognise the log-in."""
        return {"email": str(data["id_token"].get("email", ""))[:254]}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """Confirmed if it says so in so many words: allauth would accept the text "false"."""
        claims = data["id_token"]
        email, is_confirmed = claims.get("email"), claims.get("email_verified") is True
        return [EmailAddress(email=email, verified=is_confirmed, primary=True)] if email else []
