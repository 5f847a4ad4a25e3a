"""A request to another site over a real connection: certificate, time, size, and where it goes."""

import socket
import ssl
import threading
import time

import pytest

from confbox.kit.outgoing_requests import LONGEST_ANSWER, RequestError, post
from conferences.tests.webhooks import allow_here, answer_with, receiving


@pytest.fixture(autouse=True)
def _here(settings):
    allow_here(settings)


def send(url, seconds=2.0):
    return post(url, body=b"{}", headers={"webhook-id": "evt_1"}, seconds=seconds)


def code_of(url, seconds=2.0):
    with pytest.raises(RequestError) as failure:
        send(url, seconds)
    return failure.value.code


def test_request_arrives_as_it_was_sent_and_its_answer_is_read():
    with receiving(answer_with(201, "Thanks")) as receiver:
        answer = send(receiver.url())
    [(path, headers, body)] = receiver.got
    assert (path, headers["Host"], headers["webhook-id"], body) == (
        "/in?a=b",
        f"localhost:{receiver.port}",
        "evt_1",
        b"{}",
    )
    assert (answer.status, answer.text) == (201, "Thanks")


def test_host_of_another_certificate_gets_nothing():
    with receiving(name="other.example") as receiver:
        assert code_of(receiver.url()) == "certificate"
        assert receiver.got == []


def test_host_with_a_certificate_that_no_one_knows_gets_nothing(settings):
    with receiving() as receiver:
        settings.WEBHOOK_EXTRA_CA = ""
        assert code_of(receiver.url()) == "certificate"
        assert receiver.got == []


def test_host_at_an_address_that_is_not_public_gets_nothing(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with receiving() as receiver:
        assert code_of(receiver.url()) == "host"
        assert receiver.got == []


def test_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """A name that leads elsewhere the next time it is looked up is looked up once."""
    looked_up, look_up = [], socket.getaddrinfo

    def once(host, port, *given, **options):
        looked_up.append(host)
        return look_up("127.0.0.1", port, *given, **options)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with receiving(name="rebinds.example") as receiver:
        send(receiver.url("rebinds.example"))
    assert looked_up[0] == "rebinds.example"
    assert set(looked_up[1:]) <= {"127.0.0.1"}
    assert len(receiver.got) == 1


def test_redirect_is_not_followed():
    with receiving() as inside, receiving() as receiver:
        receiver.answer = answer_with(302, headers=[("Location", inside.url())])
        assert send(receiver.url()).status == 302
        assert inside.got == []


def test_proxy_of_the_environment_is_not_used(monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving() as receiver:
        assert send(receiver.url()).status == 200


def test_answer_is_read_only_up_to_a_limit():
    with receiving(answer_with(200, "x" * 10 * LONGEST_ANSWER)) as receiver:
        answer = send(receiver.url())
    assert answer.status == 200
    assert LONGEST_ANSWER // 2 < len(answer.text) <= LONGEST_ANSWER


def test_endless_headers_are_given_up():
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"x" * 1000)

    with receiving(endless) as receiver:
        begun = time.monotonic()
        assert send(receiver.url()).text == ""
        assert time.monotonic() - begun < 1.5


def drip(handler):
    """Each byte comes in time, and all of them never."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b"x" * 200:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


def drip_body(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
    drip(handler)


@pytest.mark.parametrize(
    "answer", [drip, drip_body, lambda _handler: time.sleep(3)], ids=["drip", "body", "silent"]
)
def test_answer_that_takes_too_long_is_given_up(answer):
    with receiving(answer) as receiver:
        begun = time.monotonic()
        assert code_of(receiver.url(), seconds=0.6) == "timeout"
        assert time.monotonic() - begun < 1.2


def test_host_that_accepts_no_secure_connection_in_time_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        assert code_of(f"https://localhost:{silent.getsockname()[1]}/", seconds=0.5) == "timeout"
        assert time.monotonic() - begun < 1.2


def test_host_where_no_one_listens_is_no_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert code_of(f"https://localhost:{port}/") == "connection"


def test_what_is_not_http_is_named():
    with receiving(lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")) as receiver:
        assert code_of(receiver.url()) == "protocol"


def test_connection_that_breaks_is_named():
    with receiving(lambda handler: handler.connection.close()) as receiver:
        assert code_of(receiver.url()) == "connection"


def test_url_that_is_not_allowed_is_named():
    assert code_of("http://localhost/") == "url"


@pytest.mark.parametrize(
    ("asked", "seconds"), [("120", 120), ("999999", 86400), ("soon", 0), ("-1", 0), ("１", 0)]
)
def test_time_for_which_an_answer_asks_is_read_within_limits(asked, seconds):
    with receiving(
        lambda handler: handler.wfile.write(
            f"HTTP/1.1 503 Busy\r\nRetry-After: {asked}\r\nContent-Length: 0\r\n\r\n".encode()
        )
    ) as receiver:
        assert send(receiver.url()).retry_after == seconds


def test_requests_at_once_do_not_wait_for_each_other():
    with receiving(lambda _handler: time.sleep(2)) as slow, receiving() as quick:
        waiting = threading.Thread(target=lambda: code_of(slow.url(), seconds=0.8))
        waiting.start()
        begun = time.monotonic()
        send(quick.url())
        assert time.monotonic() - begun < 0.5
        waiting.join()


def test_certificates_of_the_system_are_read_once_for_all_requests(monkeypatch):
    read = []
    load = ssl.SSLContext.load_default_certs
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda *given: read.append(load(*given)))
    with receiving() as receiver:
        send(receiver.url())
        read.clear()
        send(receiver.url())
    assert read == []
