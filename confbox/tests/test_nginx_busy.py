"""What nginx shows while the application has as many requests as it can answer soon."""

import http.client
import json
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingUnixStreamServer
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import pytest

from confbox.kit.api.problems import KINDS
from confbox.kit.tests.ports import free_port
from confbox.tests.echoing_application import wait_for
from confbox.tests.test_nginx import BOUND, NGINX, SERVERS, Site, configure, make_certificate, pytestmark

__all__ = ["pytestmark"]

PAGES, FORMS = 64, 128
BALLOT, VOTE = "/conferences/open-conf/ballot/", "/conferences/open-conf/vote/"
TOKEN = "a1" * 32
SENT = {"csrfmiddlewaretoken": TOKEN, "candidate": "17", "page": "3", "moves": "yes"}


class Slow(BaseHTTPRequestHandler):
    """Answers no slow request before all are released, and counts those that it has."""

    released, waiting = threading.Event(), threading.Semaphore(0)

    def answer(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        if "slow" in self.headers.get("User-Agent", ""):
            Slow.waiting.release()
            Slow.released.wait(30)
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = answer  # noqa: N815

    def address_string(self):
        return "nginx"

    def log_message(self, *_):
        pass


class Server(ThreadingUnixStreamServer):
    request_queue_size = 512


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("busy")
    with TemporaryDirectory(dir="/tmp") as run:
        port, tls_port = free_port(), free_port()
        servers = SERVERS.replace("RUN", run).replace("FOLDER", str(folder))
        make_certificate(folder)
        configure(folder, servers.replace("PORT", str(port)).replace("TLS", str(tls_port)), run)
        with Server(f"{run}/web.sock", Slow) as server:
            threading.Thread(target=server.serve_forever).start()
            nginx = subprocess.Popen([*BOUND, NGINX, "-c", folder / "nginx.conf"])
            site = Site(port, tls_port, folder, None)
            wait_for(site)
            yield site
            nginx.terminate()
            nginx.wait(timeout=20)
            server.shutdown()


@contextmanager
def slow_requests(site, number, method, path):
    """So many are with the application at once, each of a person of their own."""
    Slow.released.clear()
    threads = [threading.Thread(target=ask_slowly, args=(site, n, method, path)) for n in range(number)]
    for thread in threads:
        thread.start()
    for _ in range(number):
        assert Slow.waiting.acquire(timeout=20)
    try:
        yield
    finally:
        Slow.released.set()
        for thread in threads:
            thread.join()


def ask_slowly(site, number, method, path):
    said = {"User_Agent": "slow", "Cookie": f"sessionid={number:032}", "Content_Length": "0"}
    site.request(method, path, source=f"127.4.0.{number + 1}", **said)


@pytest.fixture
def many_pages(site):
    with slow_requests(site, PAGES, "GET", BALLOT):
        yield


@pytest.fixture
def many_forms(site, many_pages):
    with slow_requests(site, FORMS, "POST", VOTE):
        yield


def test_page_that_cannot_be_answered_soon_tries_again_automatically(site, many_pages):
    status, headers, page = site.get(BALLOT)
    assert (status, headers["Refresh"], headers["Retry-After"]) == (503, "5", "5")
    assert headers["Cache-Control"] == "no-store"
    assert b"This page tries again automatically every 5 seconds" in page


def test_person_who_has_to_wait_is_told_so_immediately(site, many_pages):
    started = time.monotonic()
    assert site.get(BALLOT)[0] == 503
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("method", "path", "cookie"),
    [
        ("POST", VOTE, ""),
        ("POST", "/conferences/open-conf/join/", ""),
        ("GET", BALLOT, "sessionid=x; messages=W1tdXQ"),
        ("GET", BALLOT, "__Host-messages=W1tdXQ; sessionid=x"),
    ],
)
def test_forms_and_the_pages_after_them_do_not_wait_for_pages(site, many_pages, method, path, cookie):
    assert site.request(method, path, Cookie=cookie, Content_Length="0")[0] == 204


def test_organisers_do_not_wait_for_pages(site, many_pages):
    assert site.get("/admin/")[0] == 204


def test_health_check_waits_neither_for_pages_nor_for_forms(site, many_forms):
    assert site.get("/healthz")[0] == 204


class Form(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
        elif tag == "input":
            self.fields[found["name"]] = found["value"]


def send(site, path, fields, **headers):
    headers |= {"Content_Type": "application/x-www-form-urlencoded"}
    return site.request("POST", path, urlencode(fields), **headers)


def test_vote_that_has_to_wait_is_in_the_page_that_sends_it_again(site, many_forms):
    status, headers, page = send(site, VOTE, SENT, Sec_Fetch_Site="same-origin")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert (Form(page).action, Form(page).fields) == (VOTE, SENT | {"moves": "1"})


def test_first_vote_that_has_to_wait_is_sent_again_as_one(site, many_forms):
    sent = {name: SENT[name] for name in ("csrfmiddlewaretoken", "candidate")}
    assert Form(send(site, VOTE, sent)[2]).fields == sent


def test_page_with_a_waiting_vote_may_run_its_script_and_send_its_form(site, many_forms):
    policy = send(site, VOTE, SENT)[1]["Content-Security-Policy"]
    assert "script-src 'sha256-" in policy
    assert "form-action 'self'" in policy


@pytest.mark.parametrize(
    "change",
    [
        {"candidate": '17"><script>'},
        {"candidate": ""},
        {"csrfmiddlewaretoken": "short"},
        {"csrfmiddlewaretoken": '"' + "a" * 40},
    ],
)
def test_what_is_no_vote_is_not_sent_again(site, many_forms, change):
    page = send(site, VOTE, SENT | change)[2]
    assert not Form(page).fields
    assert b"<script>" not in page


def test_vote_from_another_site_is_not_sent_again(site, many_forms):
    assert not Form(send(site, VOTE, SENT, Sec_Fetch_Site="cross-site")[2]).fields


@pytest.mark.parametrize("path", ["/conferences/open-conf/join/", VOTE + "withdraw/", VOTE + "?x=1"])
def test_any_other_form_can_be_sent_again_by_a_reload(site, many_forms, path):
    status, headers, page = send(site, path, SENT | {"text": "secret"})
    assert (status, headers["Refresh"], headers["Retry-After"]) == (503, None, "5")
    assert b"reload this page" in page
    assert not Form(page).fields
    assert b"secret" not in page


def test_no_one_waits_once_there_is_room(site):
    assert site.get(BALLOT)[0] == 204


def check_problem(answer, status, kind, detail=None):
    found, headers, body = answer
    problem = json.loads(body)
    assert (found, headers["Content-Type"]) == (status, "application/problem+json")
    assert problem["type"] == f"/api-docs/problems/{kind}/"
    assert problem["title"] == KINDS[kind].title
    assert problem["detail"] == (detail or KINDS[kind].explanation)
    assert (problem["status"], problem["request_id"]) == (status, headers["X-Request-ID"])
    assert headers["Cache-Control"] == "no-store"


def test_program_that_has_to_wait_gets_a_problem(site, many_forms):
    for method in ("GET", "POST"):
        answer = site.request(method, "/api/v1/me/", Content_Length="0")
        check_problem(answer, 503, "unavailable")
        assert answer[1]["Retry-After"] == "5"


def test_program_that_sends_too_much_gets_a_problem(site):
    check_problem(site.request("POST", "/api/v1/me/", b"x" * (2 * 1024 * 1024 + 1)), 413, "too-large")


def test_program_that_sends_too_much_for_the_application_gets_to_it(site):
    assert site.request("POST", "/api/v1/me/", b"x" * (1024 * 1024 + 1))[0] == 204


NOT_READ = "Its URL, one of its headers or its body is not valid, or too long."
LONG = "x" * 9000


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [("/api/v1/me/%00", "", 400), ("/api/v1/me/", LONG, 400), (f"/api/v1/me/?x={LONG}", "", 414)],
    ids=["not valid", "header too long", "URL too long"],
)
def test_program_whose_request_cannot_be_read_gets_a_problem(site, path, header, status):
    check_problem(site.get(path, X_Long=header), status, "unreadable", NOT_READ)
    check_problem(site.request("POST", path, b"x" * 100, X_Long=header), status, "unreadable", NOT_READ)


def test_program_whose_body_cannot_be_read_gets_a_problem(site):
    peer = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    with closing(peer):
        peer.putrequest("POST", "/api/v1/me/")
        peer.putheader("Transfer-Encoding", "chunked")
        peer.endheaders(b"no length of a chunk\r\n")
        answer = peer.getresponse()
        check_problem((answer.status, answer.headers, answer.read()), 400, "unreadable", NOT_READ)


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [("/%00", "", 400), ("/", LONG, 400), (f"/?next=/api/{LONG}", "", 414)],
    ids=["not valid", "header too long", "URL too long"],
)
def test_browser_whose_request_cannot_be_read_gets_a_page(site, path, header, status):
    found, headers, page = site.get(path, X_Long=header)
    assert (found, headers.get_content_type()) == (status, "text/html")
    assert b"This request cannot be read" in page


def test_no_one_can_ask_for_what_is_answered_instead(site):
    assert [site.get(path)[0] for path in ("/unreadable-api-request", "/400.html", "/413.html")] == [404] * 3


def test_program_gets_a_problem_when_nginx_itself_fails(site):
    """It cannot store the body, as on a full disk."""
    folder = site.folder / "body"
    folder.rename(site.folder / "away")
    folder.touch()
    try:
        answer = site.request("POST", "/api/v1/me/", b"x" * 100_000)
    finally:
        folder.unlink()
        (site.folder / "away").rename(folder)
    detail = "If you sent an idempotency key, you can send the request again."
    check_problem(answer, 500, "failure", detail)
