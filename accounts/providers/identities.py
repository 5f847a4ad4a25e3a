"""Who a provider says that a person is, and where a browser keeps it until they have an account here."""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from allauth.socialaccount.models import SocialLogin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.forms import AddressInput
from accounts.providers.configured import configured_provider, name_of_provider

PURPOSE = "provider"
PENDING, PENDING_SECONDS = "provider-pending", 1800
NAME_LENGTH = 150


@dataclass(frozen=True)
class Identity:
    provider: str
    uid: str
    # Empty if the provider names none that is valid.
    email: str
    # Whether the provider is trusted and says that the person has confirmed the address.
    is_confirmed: bool
    name: str
    # What is stored besides, for people to recognise it.
    shown: dict[str, str]
    # Where the person was going.
    back: str = ""
    time_zone: str = "UTC"

    @property
    def provider_name(self) -> str:
        return name_of_provider(self.provider)


def identity_of(login: SocialLogin) -> Identity:
    """Prefers an address that is confirmed; allauth has put the primary one first."""
    addresses = sorted(login.email_addresses, key=lambda address: address.verified is not True)
    email = _valid(addresses[0].email) if addresses else ""
    provider = configured_provider(login.account.provider)
    is_trusted = provider is not None and provider.is_trusted
    return Identity(
        provider=login.account.provider,
        uid=login.account.uid,
        email=email,
        is_confirmed=bool(email) and is_trusted and addresses[0].verified is True,
        name=login.user.name[:NAME_LENGTH],
        shown=login.account.extra_data,
    )


def _valid(email: str) -> str:
    try:
        return AddressInput().clean(email)
    except ValidationError:
        return ""


def keep_pending(request: HttpRequest, identity: Identity, **changed: Any) -> None:
    """For half an hour: long enough to wait for a code, and to ask for another."""
    request.session[PENDING] = asdict(replace(identity, **changed)) | {"at": time.time()}


def pending_identity(request: HttpRequest) -> Identity | None:
    kept = dict(request.session.get(PENDING) or {})
    is_late = time.time() - kept.pop("at", 0) > PENDING_SECONDS
    return Identity(**kept) if kept and not is_late else None


def forget_pending(request: HttpRequest) -> None:
    request.session.pop(PENDING, None)
