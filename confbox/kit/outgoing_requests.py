"""Sends one request to another site: to a public address, with its certificate checked, in a limited time.

No redirect is followed, and no proxy of the environment is used.
"""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from confbox.kit.public_hosts import HostError, Target, addresses_of, target_of

TOTAL_SECONDS = 5.0
# For one of several addresses of a host, of which the first may not be reachable from here.
CONNECT_SECONDS = 2.0
# Of what is answered, with its headers; the rest is not read.
LONGEST_ANSWER = 64 * 1024
LONGEST_RETRY_AFTER = 24 * 60 * 60


class RequestError(Exception):
    """`code` says why there is no answer: url, host, connection, certificate, timeout or protocol."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """`text` is what was read of it; `retry_after` are the seconds for which it asks."""

    status: int
    text: str
    retry_after: int = 0


class BoundedSocket(ssl.SSLSocket):
    """Ends when its time is up, however slowly the other side sends, and reads no more than allowed."""

    ends_at: float
    left: int

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        if self.left <= 0:
            return 0
        self._take_what_is_left_of_the_time()
        number = super().recv_into(buffer, min(nbytes or len(buffer), self.left), flags)
        self.left -= number
        return number

    def send(self, data: Any, flags: int = 0) -> int:
        self._take_what_is_left_of_the_time()
        return super().send(data, flags)

    def _take_what_is_left_of_the_time(self) -> None:
        self.settimeout(_left(self.ends_at))


def _left(ends_at: float) -> float:
    seconds = ends_at - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def post(url: str, *, body: bytes, headers: dict[str, str], seconds: float = TOTAL_SECONDS) -> Answer:
    """Sends the body and returns what was answered, whatever its status.

    Raises:
        RequestError: there was no answer, or none within so many seconds.
    """
    ends_at = time.monotonic() + seconds
    try:
        target = target_of(url)
        connected = _connect(target, addresses_of(target, seconds=_left(ends_at)), ends_at)
        with connected:
            return _converse(connected, target, body, headers)
    except Exception as error:
        raise RequestError(_code_of(error)) from error


def _code_of(error: Exception) -> str:
    """The first that fits: a refused certificate is an `OSError`, too."""
    codes = {
        TimeoutError: "timeout",
        HostError: "host",
        ssl.SSLCertVerificationError: "certificate",
        OSError: "connection",
        http.client.HTTPException: "protocol",
        ValueError: "url",
    }
    found = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if found is None:
        raise error
    return found


def _connect(target: Target, addresses: list[str], ends_at: float) -> BoundedSocket:
    last: Exception | None = None
    for address in addresses:
        try:
            plain = socket.create_connection(
                (address, target.port), timeout=min(CONNECT_SECONDS, _left(ends_at))
            )
            return _secured(plain, target, ends_at)
        except ssl.SSLCertVerificationError:
            raise
        except OSError as error:
            last = error
    raise last or HostError(target.host)


def _secured(plain: socket.socket, target: Target, ends_at: float) -> BoundedSocket:
    """The certificate has to be that of the name, not of the address."""
    try:
        plain.settimeout(_left(ends_at))
        secured: Any = _context(settings.WEBHOOK_EXTRA_CA).wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise
    secured.ends_at, secured.left = ends_at, LONGEST_ANSWER
    return secured  # type: ignore[no-any-return]


@cache
def _context(extra_authority: str) -> ssl.SSLContext:
    """Reading the certificates of the system takes longer than all else."""
    context = ssl.create_default_context()
    if extra_authority:
        context.load_verify_locations(extra_authority)
    context.sslsocket_class = BoundedSocket
    return context


def _converse(connected: BoundedSocket, target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    # Without a context, it would make one of its own, which is never used.
    context = _context(settings.WEBHOOK_EXTRA_CA)
    connection = http.client.HTTPSConnection(target.host, target.port, context=context)
    connection.sock = connected
    connection.request("POST", target.path, body=body, headers={**headers, "Connection": "close"})
    with connection.getresponse() as response:
        try:
            read = response.read(LONGEST_ANSWER)
        except http.client.IncompleteRead as error:
            read = error.partial
        return Answer(response.status, read.decode(errors="replace"), _retry_after(response))


def _retry_after(response: http.client.HTTPResponse) -> int:
    asked = response.getheader("Retry-After", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 9
    return min(int(asked), LONGEST_RETRY_AFTER) if is_number else 0
