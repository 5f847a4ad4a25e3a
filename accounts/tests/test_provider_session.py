"""What is read of a provider's answer, over a real connection."""

import gzip
import socket
import time
from contextlib import contextmanager, suppress
from threading import Thread

import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from accounts.providers import provider_session
from accounts.providers.provider_session import ProviderSession

TEXT = b'{"issuer": "https://id.example.org"}' * 3000


@contextmanager
def answering(*pieces, pause=0.0):
    """The URL of a server that sends these pieces, with a pause after each."""

    def serve():
        connection, _address = server.accept()
        with connection, suppress(OSError):
            connection.recv(10_000)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def _plain_http(settings):
    settings.LOGIN_PROVIDERS = {"oidc": {"server_url": "http://127.0.0.1"}}


def head(*lines):
    return b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""])


def chunked(content):
    pieces = [content[n : n + 700] for n in range(0, len(content), 700)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        (head(b"Content-Length: %d" % len(TEXT)), TEXT),
        (head(b"Connection: close"), TEXT),
        (head(b"Transfer-Encoding: chunked"), chunked(TEXT)),
        (head(b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"), chunked(gzip.compress(TEXT))),
    ],
    ids=["length", "to the end", "chunked", "compressed"],
)
def test_an_answer_is_read_to_its_end(answer):
    with answering(*answer) as url:
        assert ProviderSession().get(url).content == TEXT


def test_an_answer_that_drips_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(provider_session, "MOST_SECONDS", 0.5)
    begun = time.monotonic()
    drip = answering(head(b"Content-Length: 60"), *[b"x"] * 60, pause=0.1)
    with drip as url, pytest.raises(OAuth2Error, match="too slow"):
        ProviderSession().get(url)
    assert time.monotonic() - begun < 3


def test_a_compressed_answer_that_grows_too_large_is_given_up():
    packed = gzip.compress(b"x" * 50_000_000)
    bomb = answering(head(b"Content-Length: %d" % len(packed), b"Content-Encoding: gzip"), packed)
    with bomb as url, pytest.raises(OAuth2Error, match="too large"):
        ProviderSession().get(url)


@pytest.mark.parametrize(
    "answer",
    [(head(b"Content-Encoding: gzip"), b"no gzip"), (head(b"Transfer-Encoding: chunked"), b"zz\r\n")],
    ids=["not compressed", "not chunked"],
)
def test_an_answer_that_breaks_off_is_an_error_of_the_provider(answer):
    with answering(*answer) as url, pytest.raises(OAuth2Error, match="broke off"):
        ProviderSession().get(url)
