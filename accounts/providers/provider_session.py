"""Requests to a provider: over HTTPS, of limited size and time, and never to where an answer redirects."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from urllib3.exceptions import HTTPError

from confbox.kit.limits import too_busy

MOST_BYTES = 512 * 1024
MOST_SECONDS = 10
CHUNK_BYTES = 16 * 1024
# How many threads of a process may wait for providers at once.
waiting = BoundedSemaphore(3)


class ProviderSession(requests.Session):
    """Raises `OAuth2Error` for what no provider should answer."""

    def request(self, method: str, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        check_url(str(url))
        options |= {
            "timeout": settings.SOCIALACCOUNT_REQUESTS_TIMEOUT,
            "stream": True,
            "allow_redirects": False,
        }
        ends = time.monotonic() + MOST_SECONDS
        response = super().request(method, url, *args, **options)
        with response:
            body = _read(response, ends)
        # What `requests` itself does after it has read everything.
        response._content = body  # noqa: SLF001  # there is no other way in
        if response.is_redirect:
            raise OAuth2Error("The answer redirects.")
        return response


def _read(response: requests.Response, ends: float) -> bytes:
    """`iter_content` would wait until a whole chunk has arrived, however slowly."""
    body = b""
    try:
        while piece := response.raw.read1(CHUNK_BYTES, decode_content=True):
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > ends:
                raise OAuth2Error("The answer is too large or too slow.")
    except HTTPError as error:
        raise OAuth2Error("The answer broke off.") from error
    return body


def check_url(url: str) -> None:
    """A URL that a provider names; plain HTTP only where the operator uses it for the provider."""
    schemes = {urlsplit(values["server_url"]).scheme for values in settings.LOGIN_PROVIDERS.values()}
    if urlsplit(url).scheme not in {"https", *(schemes & {"http"})}:
        raise OAuth2Error("The provider names a URL without HTTPS.")


@contextmanager
def asking_provider() -> Iterator[None]:
    """Lets few threads wait, because a provider may be slow.

    Raises:
        LimitReached: with status 503, if too many wait already.
    """
    if not waiting.acquire(blocking=False):
        raise too_busy()
    try:
        yield
    finally:
        waiting.release()
