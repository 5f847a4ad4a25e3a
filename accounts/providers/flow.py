"""To a provider and back: what is sent there, and who comes back."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from requests import RequestException

from accounts.models import User
from accounts.password_attempts import earn
from accounts.providers.identities import Identity, identity_of
from accounts.providers.provider_session import asking_provider, check_url

METHOD = "socialaccount"
NONCE_LENGTH = 32
# What allauth and `requests` raise if a provider is away or answers what it should not.
FAILURES = (
    OAuth2Error,
    RequestException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SuspiciousOperation,
)


def provider_or_404(request: HttpRequest, provider_id: str) -> Any:
    """allauth's object for the provider."""
    try:
        return get_adapter(request).get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None


def page_of_provider(request: HttpRequest, provider: Any, *, back: str) -> str:
    """The URL of the provider's page to log in; the session keeps what has to come back from there.

    Raises:
        one of `FAILURES`
        LimitReached: too many are waiting for it.
    """
    nonce = get_random_string(NONCE_LENGTH)
    kept = {"nonce": nonce, "person": request.user.pk}
    with asking_provider():
        answer = provider.redirect(
            request, AuthProcess.LOGIN, next_url=back, auth_params={"nonce": nonce}, **kept
        )
    url = str(answer.url)
    check_url(url)
    return url


def take_state(request: HttpRequest, provider: Any) -> dict[str, Any] | None:
    """What this session kept for this answer, once; None if it did not ask, or asked as another person."""
    key = request.GET.get("state", "")
    state: dict[str, Any] | None = statekit.unstash_state(request, provider_id=provider.sub_id, state_id=key)
    return state if state and state.get("person") == request.user.pk else None


def returning_identity(request: HttpRequest, provider: Any, state: dict[str, Any]) -> Identity:
    """Who has come back, after the provider has confirmed it to us directly.

    Raises: as `page_of_provider`.
    """
    adapter = provider.get_oauth2_adapter(request)
    adapter.nonce = state["nonce"]
    with asking_provider():
        client = adapter.get_client(request, provider.app)
        verifier = state["pkce_code_verifier"]
        answer = adapter.get_access_token_data(request, provider.app, client, pkce_code_verifier=verifier)
        token = adapter.parse_token(answer)
        login = adapter.complete_login(request, provider.app, token, response=answer)
    return identity_of(login)


def log_in_with_identity(
    request: HttpRequest, user: User, provider_id: str, *, url: str | None
) -> HttpResponse:
    """As after a password: allauth asks for the second factor, and refuses a disabled account."""
    earn(request, user.pk)
    record_authentication(request, user, METHOD, provider=provider_id)
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=url))
    return response
