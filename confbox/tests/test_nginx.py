"""The shipped nginx configuration, with a real nginx in front of the real web server on a unix socket."""

import base64
import gzip
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import brotli
import pytest
from django.conf import settings

from accounts import pictures
from confbox.kit.tests.ports import free_port
from confbox.tests.databases import copy_migrated

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
DEPLOY = settings.BASE_DIR / "deploy"
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
include /etc/nginx/modules-enabled/*.conf;
{user}
events {{ worker_connections 4096; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
SERVERS = """
    include FOLDER/log-ins.conf;
    include FOLDER/own-answers.conf;
    UPSTREAMS
    server { listen 127.0.0.1:PORT; include FOLDER/site.conf; }
    server {
        listen 127.0.0.1:TLS ssl;
        ssl_certificate FOLDER/fullchain.pem;
        ssl_certificate_key FOLDER/privkey.pem;
        include FOLDER/site.conf;
    }
"""
SHIPPED = (DEPLOY / "nginx/conferencebox.conf").read_text()
UPSTREAMS = "\n".join(re.findall(r"^upstream .*?^\}", SHIPPED, re.MULTILINE | re.DOTALL))
UPSTREAMS = UPSTREAMS.replace("/run/conferencebox-heavy/web.sock", "RUN/heavy.sock")
# One process is both instances here.
SERVERS = SERVERS.replace("UPSTREAMS", re.sub(r"/run/conferencebox-web-\d/", "RUN/", UPSTREAMS))
# If the tests are killed, their servers must end too.
BOUND = ["setpriv", "--pdeathsig", "TERM"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NGINX and not os.environ.get("CI"), reason="nginx is not installed"),
]


def configure(folder, servers, run="/run"):
    """Copies the shipped files with these folders in place of the machine's own."""
    for file in (DEPLOY / "nginx").iterdir():
        text = file.read_text().replace("/etc/nginx/conferencebox", str(folder))
        text = text.replace("/var/lib/conferencebox", str(folder)).replace("/run/conferencebox", run)
        text = text.replace("/var/log/nginx", str(folder)).replace("/var/lib/nginx", str(folder))
        (folder / file.name).write_text(text.replace("/etc/ssl/conferencebox", str(folder)))
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user, servers=servers))


def make_certificate(folder):
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem", "-subj", "/CN=localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files]
    subprocess.run(made, check=True, capture_output=True)


def test_complete_configuration_is_accepted(tmp_path):
    make_certificate(tmp_path)
    configure(tmp_path, f"include {tmp_path}/conferencebox.conf;")
    done = subprocess.run(
        [NGINX, "-t", "-c", tmp_path / "nginx.conf"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


class Site:
    def __init__(self, port, tls_port, folder, app):
        self.port, self.tls_port, self.folder, self.app = port, tls_port, folder, app

    def request(self, method, path, body=None, source="127.0.0.1", **headers):
        """Status, headers and body for a client at `source`; header names have `_` in place of `-`."""
        peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            peer.request(method, path, body, {"Host": "localhost", **headers})
            answer = peer.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            peer.close()

    def get_safely(self, path, **headers):
        """Status and headers of the response over HTTPS."""
        trusting = ssl._create_unverified_context()
        peer = http.client.HTTPSConnection("127.0.0.1", self.tls_port, timeout=30, context=trusting)
        with closing(peer):
            peer.request("GET", path, headers={"Host": "localhost"} | headers)
            answer = peer.getresponse()
            return answer.status, answer.headers

    def get(self, path, **keywords):
        return self.request("GET", path, **keywords)

    def log_in(self, **keywords):
        _, headers, page = self.get("/accounts/login/")
        token = page.split(b'name="csrfmiddlewaretoken" value="')[1].split(b'"')[0].decode()
        cookie = next(c for c in headers.get_all("Set-Cookie") if c.startswith("csrftoken=")).split(";")[0]
        form = {"login": "alice@example.org", "password": "conference-demo", "csrfmiddlewaretoken": token}
        keywords |= {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded"}
        return self.request("POST", "/accounts/login/", urlencode(form), **keywords)


@pytest.fixture(scope="module")
def run():
    """A folder for the socket, whose path may have at most 107 characters."""
    with TemporaryDirectory(dir="/tmp") as folder:
        yield folder


@pytest.fixture(scope="module")
def site(tmp_path_factory, run):
    folder = tmp_path_factory.mktemp("site")
    port, tls_port = free_port(), free_port()
    servers = SERVERS.replace("RUN", run).replace("FOLDER", str(folder))
    servers = servers.replace("PORT", str(port)).replace("TLS", str(tls_port))
    make_certificate(folder)
    configure(folder, servers, run)
    (folder / "addresses.conf").write_text("deny 127.0.0.66;")
    balanced = "set_real_ip_from 127.0.0.99; real_ip_header X-Forwarded-For;"
    (folder / "real-address.conf").write_text(balanced)
    (folder / "organisers.conf").write_text("allow 127.0.0.5; deny all;")
    prepare_data(folder)
    app = start_application(folder, run)
    nginx = subprocess.Popen([*BOUND, NGINX, "-c", folder / "nginx.conf"])
    site = Site(port, tls_port, folder, app)
    wait_until_served(site)
    yield site
    for process in (nginx, site.app):
        process.terminate()
        process.wait(timeout=20)


def variables(folder):
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "ENV_FILE": os.devnull, "VAR_DIR": str(folder)}
    known |= {"DATABASE_URL": f"sqlite:///{folder}/confbox.sqlite3", "SECRET_KEY": "k" * 50, "HTTPS": "false"}
    return known | {"ALLOWED_HOSTS": "localhost", "BEHIND_PROXY": "true", "EMAIL_URL": "filemail://"}


def prepare_data(folder):
    copy_migrated(folder)
    commands = (["migrate"], ["loaddata", "roles"], ["load_demo"], ["collectstatic", "--noinput"])
    program = ["import django", "django.setup()", "from django.core.management import call_command"]
    program += [f"call_command(*{command}, verbosity=0)" for command in commands]
    known = variables(folder) | {"DJANGO_SETTINGS_MODULE": "confbox.settings"}
    subprocess.run([sys.executable, "-c", "; ".join(program)], env=known, cwd=settings.BASE_DIR, check=True)


def start_application(folder, run):
    command = [*BOUND, sys.executable, "deploy/serve.py", "--bind", f"unix:{run}/web.sock"]
    journal = (folder / "journal").open("a")
    return subprocess.Popen(command, env=variables(folder), cwd=settings.BASE_DIR, stderr=journal)


def wait_until_served(site):
    for _ in range(200):
        try:
            if site.get("/healthz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail((site.folder / "error.log").read_text())


def test_application_sees_the_true_address(site):
    status, headers, _ = site.log_in(source="127.0.0.7", X_Real_IP="6.6.6.6", X_Forwarded_For="7.7.7.7")
    assert (status, headers["Location"]) == (302, "/me/")
    with closing(sqlite3.connect(site.folder / "confbox.sqlite3")) as database:
        found = database.execute(
            "SELECT ip FROM usersessions_usersession ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert found == ("127.0.0.7",)


def test_denied_address_stays_out_whatever_it_claims(site):
    claims = {"X_Forwarded_For": "127.0.0.1", "X_Real_IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert site.get("/", source="127.0.0.66")[0] == 403
    assert site.get("/", source="127.0.0.66", **claims)[0] == 403
    assert site.get("/", X_Forwarded_For="127.0.0.66", X_Real_IP="127.0.0.66")[0] == 200


def test_program_of_a_denied_address_gets_a_problem(site):
    status, headers, body = site.get("/api/v1/me/", source="127.0.0.66")
    assert (status, headers["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(body)["type"] == "/api-docs/problems/not-permitted/"


def test_organisers_work_only_from_their_addresses(site):
    assert site.get("/admin/")[0] == 403
    assert site.get("/admin/", X_Forwarded_For="127.0.0.5")[0] == 403
    assert site.get("/admin/", source="127.0.0.5")[0] == 302
    assert site.get("//admin/")[0] in (403, 404)


def raw(site, target):
    """The status line and headers for a request whose target is sent as it is."""
    with socket.create_connection(("127.0.0.1", site.port), 10) as peer:
        peer.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: peer.recv(65536), b"")).partition(b"\r\n\r\n")[0].decode()


# Whatever nginx or the application makes of these, neither lets a stranger into the admin.
WAYS_TO_THE_ADMIN = [
    *("//admin/", "/%61dmin/", "/./admin/", "/x/../admin/", "/x/%2e%2e/admin/", "/x%2f..%2fadmin/"),
    *("/%2fadmin/", "/admin/;/", "/;/admin/", "/admin;x/", "/static/../admin/", "/static/..%2fadmin/"),
    *("/x/..;/admin/", "http://localhost/admin/", "http://localhost//admin/", "/ADMIN/", "/admin%00/"),
    *("/accounts/login/../../admin/", "/%2561dmin/", "/admin/%2e%2e/admin/", "/admin//", "\\admin/"),
    *("/admin/conferences/conference/1/../../../../x/change/", "/admin/../x", "/admin/%2e%2e/"),
    *(
        "/admin/accounts/user/1/../../../../accounts/login/",
        "/admin/login/../../x",
        "/#/../admin/",
        "/admin/#",
    ),
]


@pytest.mark.parametrize("target", WAYS_TO_THE_ADMIN)
def test_no_spelling_of_the_path_leads_strangers_to_the_admin(site, target):
    head = raw(site, target)
    assert head.split()[1] in ("400", "403", "404") or "/admin/" not in head, head
    assert head.split()[1] != "200" or target == "/#/../admin/", head


def test_client_cannot_claim_https(site):
    _, headers, _ = site.get("/accounts/login/", X_Forwarded_Proto="https")
    assert "Location" not in headers


def test_forged_host_is_refused(site):
    assert site.get("/", Host="evil.example")[0] == 400
    assert site.get("/", X_Forwarded_Host="evil.example")[0] == 200


def picture_of(size):
    head = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="me.png"\r\n\r\n'
    return head + b"\0" * size + b"\r\n--x--\r\n"


def send_picture(site, size):
    kind = "multipart/form-data; boundary=x"
    return site.request("POST", "/people/profile/picture/", picture_of(size), Content_Type=kind)


def test_picture_that_is_too_large_is_refused_with_a_page_that_says_so(site):
    status, headers, page = send_picture(site, pictures.BYTES + 2 * 1024 * 1024)
    assert (status, headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert b"A picture may have at most 8 MB." in page


def test_largest_picture_that_is_allowed_reaches_the_application(site):
    status, _, page = send_picture(site, pictures.BYTES)
    assert status == 403
    assert b"nginx" not in page


def knock(site, source, *, cookie=True, form_token="x" * 32, seconds=30, **headers):
    """The status of a wrong password from there; None if it still waits after this long."""
    token = "x" * 32
    form = {"login": f"{source}@example.org", "password": "wrong", "csrfmiddlewaretoken": form_token}
    said = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"} | headers
    said |= {"Cookie": f"csrftoken={token}"} if cookie else {}
    peer = http.client.HTTPConnection("127.0.0.1", site.port, seconds, source_address=(source, 0))
    with closing(peer), suppress(TimeoutError):
        peer.request("POST", "/accounts/login/", urlencode(form), said)
        return peer.getresponse().status


# nginx counts whole seconds, so a response that is valid for one can be used for two.
QUEUE_CACHE_SECONDS = 2.1


def forget_counts(site):
    with closing(sqlite3.connect(site.folder / "confbox.sqlite3", timeout=20)) as database:
        database.execute("DELETE FROM cache")
        database.commit()
    time.sleep(QUEUE_CACHE_SECONDS)


def test_people_who_log_in_at_once_wait_in_a_queue(site):
    """Sixteen at once, of which twelve a second get through; on a slow machine the page waits, too."""
    started = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: knock(site, f"127.0.1.{n}"), range(1, 17)))
    assert set(answers) <= {200, 503}
    assert time.monotonic() - started > 1.2


def test_people_of_one_network_who_were_shown_the_form_log_in_twelve_a_second(site):
    """As from a lecture hall.

    Without the right token the application answers immediately and counts nothing.
    """
    with ThreadPoolExecutor(90) as pool:
        kept = {"form_token": "y" * 32, "seconds": 4}
        answers = list(pool.map(lambda _: knock(site, "127.0.1.201", **kept), range(90)))
    assert set(answers) == {403, None}
    assert 16 <= answers.count(403) <= 60


def test_log_in_without_the_cookie_of_the_form_is_refused_and_waits_nowhere(site):
    started = time.monotonic()
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: knock(site, "127.0.1.200", cookie=False), range(80)))
    assert answers == [403] * 80
    assert time.monotonic() - started < 3


def test_network_that_sends_wrong_passwords_waits_apart_from_people_and_has_few_places(site):
    forget_counts(site)
    for _ in range(21):
        knock(site, "127.0.2.1")
    time.sleep(QUEUE_CACHE_SECONDS)
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: knock(site, "127.0.2.1", seconds=2), range(60)))
    assert answers.count(429) >= 52
    started = time.monotonic()
    assert site.log_in(source="127.0.2.2")[0] == 302
    assert time.monotonic() - started < 5
    forget_counts(site)


def test_one_ipv6_network_is_one_source_and_another_is_not(site):
    """They come through a load balancer whose header with the IP address is trusted."""
    forget_counts(site)
    for number in range(21):
        knock(site, "127.0.0.99", **{"X-Forwarded-For": f"2001:db8:1:2::{number:x}"})
    time.sleep(QUEUE_CACHE_SECONDS)
    with ThreadPoolExecutor(30) as pool:
        said = [{"X-Forwarded-For": f"2001:db8:1:2:{number:x}::1"} for number in range(30)]
        answers = list(pool.map(lambda h: knock(site, "127.0.0.99", seconds=2, **h), said))
    assert answers.count(429) >= 22
    assert knock(site, "127.0.0.99", **{"X-Forwarded-For": "2001:db8:1:3::1"}) == 200
    forget_counts(site)


def statuses(site, number, path, cookie, source, method="POST"):
    """Of this many at once; None for one that still waits after two seconds."""
    headers = {"Host": "localhost", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}

    def ask(n):
        peer = http.client.HTTPConnection("127.0.0.1", site.port, timeout=2, source_address=(source, 0))
        with closing(peer), suppress(TimeoutError):
            peer.request(method, path, "x=1" if method == "POST" else None, headers)
            return peer.getresponse().status

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(ask, range(number)))


def test_forms_and_searches_of_one_session_go_in_one_a_second(site):
    for method, path, session in (("POST", "/me/", "w"), ("GET", "/?q=x", "s")):
        found = statuses(site, 50, path, "sessionid=" + session * 32, "127.0.3.1", method)
        assert found.count(429) >= 15
        assert len(found) - found.count(429) - found.count(None) <= 4


def test_vote_waits_for_no_form_of_the_same_session(site):
    cookie = "sessionid=" + "v" * 32
    assert statuses(site, 20, "/me/", cookie, "127.0.3.2").count(None) >= 10
    time.sleep(7)
    assert statuses(site, 1, "/conferences/open-conf/vote/", cookie, "127.0.3.2") == [403]


def test_pictures_of_one_session_are_refused_before_the_application(site):
    found = statuses(site, 32, "/people/profile/picture/", "sessionid=" + "p" * 32, "127.0.3.3")
    assert found.count(429) >= 11
    assert len(found) - found.count(429) - found.count(None) <= 5


@pytest.mark.parametrize("cookie", ["", "sessionid={:032}"])
def test_sign_ups_of_one_network_go_in_one_a_second_whatever_session_they_claim(site, cookie):
    source = f"127.0.3.{9 - bool(cookie)}"

    def sign_up(number):
        peer = http.client.HTTPConnection("127.0.0.1", site.port, timeout=3, source_address=(source, 0))
        headers = {"Host": "localhost", "Cookie": cookie.format(number)}
        with closing(peer), suppress(TimeoutError):
            peer.request("POST", "/accounts/signup/", "", headers)
            return peer.getresponse().status

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(sign_up, range(40)))
    assert found.count(None) >= 34


def test_hall_follows_its_invitations_ten_a_second(site):
    """More than the four forms a second of people without a session."""
    started = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        found = list(pool.map(lambda _: post_without_session(site, "/invitation/x/"), range(30)))
    assert set(found) == {403}
    assert 2 < time.monotonic() - started < 6


def post_without_session(site, path):
    return site.request("POST", path, source="127.0.3.8", Content_Length="0")[0]


def sign_up(site, source, *, token="x" * 32, seconds=3):
    """The status of an empty sign-up form; None if it still waits after this long."""
    headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    headers |= {"Cookie": "csrftoken=" + "x" * 32}
    peer = http.client.HTTPConnection("127.0.0.1", site.port, timeout=seconds, source_address=(source, 0))
    with closing(peer), suppress(TimeoutError):
        peer.request("POST", "/accounts/signup/", urlencode({"csrfmiddlewaretoken": token}), headers)
        return peer.getresponse().status


def test_people_of_one_network_who_were_shown_the_form_sign_up_six_a_second(site):
    """As from a lecture hall.

    Without the right token the application answers immediately and counts nothing.
    """
    with ThreadPoolExecutor(60) as pool:
        found = list(pool.map(lambda _: sign_up(site, "127.0.4.1", token="y" * 32), range(60)))
    assert set(found) == {403, None}
    assert 8 <= found.count(403) <= 26


def test_network_whose_sign_ups_come_to_nothing_waits_in_a_slow_line(site):
    forget_counts(site)
    assert {sign_up(site, "127.0.4.2", seconds=30) for _ in range(21)} == {200}
    time.sleep(QUEUE_CACHE_SECONDS)
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: sign_up(site, "127.0.4.2"), range(20)))
    assert found.count(None) >= 15
    assert sign_up(site, "127.0.4.3", seconds=10) == 200
    forget_counts(site)


def test_sign_up_keeps_where_it_leads(site):
    _, headers, page = site.get("/accounts/signup/?next=/conferences/open-conf/", source="127.0.4.4")
    token = page.split(b'name="csrfmiddlewaretoken" value="')[1].split(b'"')[0].decode()
    cookie = next(c for c in headers.get_all("Set-Cookie") if c.startswith("csrftoken=")).split(";")[0]
    known = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded", "source": "127.0.4.4"}
    form = urlencode({"csrfmiddlewaretoken": token})
    answer = site.request("POST", "/accounts/signup/?next=/conferences/open-conf/", form, **known)
    assert answer[0] == 200
    assert b'value="/conferences/open-conf/"' in answer[2]


def locations():
    """Each location of the shipped site and what is in it."""
    text = (DEPLOY / "nginx/site.conf").read_text()
    return dict(re.findall(r"^location ([^{]+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))


def test_every_way_to_the_application_has_a_limit():
    """Except for nginx's own subrequest, which it makes once a second for a network."""
    ways = {name: body for name, body in locations().items() if "proxy_pass" in body}
    unlimited = {name for name, body in ways.items() if not re.search(r"limit_req|-limits\.conf", body)}
    assert len(ways) > 4
    assert unlimited == {"= /accounts/login/lane/"}


SECRET = "Zk3mJ9qS3cretToken"
SECRETS = [
    f"/unsubscribe/{SECRET}/",
    f"//unsubscribe/{SECRET}/",
    f"/%75nsubscribe/{SECRET}/",
    f"/unsubscribe/{SECRET}",
    f"/invitation/{SECRET}/",
    f"/invitation/{SECRET}/new-link/",
    f"/me/address/{SECRET}/",
    f"/conferences.ics?key={SECRET}",
    f"/conferences/open-conf.ics?key={SECRET}",
    f"/?next=/unsubscribe/{SECRET}/",
    f"/admin/?q={SECRET}",
    f"/media/pictures/{SECRET}.webp",
    f"/static/{SECRET}.css",
    f"/static/../{SECRET}",
    f"/{SECRET}",
]


def logged(site):
    return (site.folder / "conferencebox.access.log").read_text()


def written(site):
    """Everything that nginx and the application have logged."""
    files = [*site.folder.glob("*.log"), site.folder / "journal"]
    return "\n".join(file.read_text() for file in files if file.exists())


@pytest.mark.parametrize("url", SECRETS)
def test_no_log_holds_the_secret_of_a_url_or_the_page_before(site, url):
    before = logged(site)
    page = f"http://localhost/unsubscribe/{SECRET}/"
    site.get(url, Referer=page)
    site.request("POST", url, b"x=1", Referer=page, Content_Type="application/x-www-form-urlencoded")
    site.request("POST", url, b"x" * 10_000_000, Referer=page)
    assert SECRET not in written(site)
    assert "/static/" in url or len(logged(site)) > len(before)


def test_log_does_not_tell_whose_page_a_person_looked_at_and_who_voted(site):
    before = len(logged(site).splitlines())
    for path in ("members/1000058/", "members/1000058/card.png", "vote/", "ballot/?page=7"):
        site.get(f"/conferences/open-conf/{path}", source="127.0.0.77")
    time.sleep(0.2)
    lines = [line for line in logged(site).splitlines()[before - 1 :] if "/conferences/open-conf/" in line]
    assert [line.split()[3] for line in lines[-4:]] == [
        "/conferences/open-conf/members/-",
        "/conferences/open-conf/members/-",
        "/conferences/open-conf/vote/",
        "/conferences/open-conf/ballot/",
    ]
    assert "127.0.0.77" not in "".join(lines)


def test_log_does_not_tell_who_voted_with_a_program(site):
    for path in ("vote/", "members/1000058/", "ballot/?limit=7", "organise/webhooks/4/test/"):
        site.get(f"/api/v1/conferences/open-conf/{path}", source="127.0.0.76")
    site.get("/api/v1/conferences/open%2Dconf/vote/", source="127.0.0.76")
    site.get("/api/v1/me/", source="127.0.0.76")
    time.sleep(0.2)
    lines = logged(site).splitlines()[-6:]
    assert [line.split()[3] for line in lines] == [
        "/api/v1/conferences/open-conf/vote/",
        "/api/v1/conferences/open-conf/members/-",
        "/api/v1/conferences/open-conf/ballot/",
        "/api/v1/conferences/open-conf/organise/-",
        "/api/-",
        "/api/v1/me/",
    ]
    assert "127.0.0.76" not in "".join(lines)


def test_log_does_not_tell_whose_profile_a_person_looked_at(site):
    for path in ("1000058/", "1000058", "1000058/?x=1"):
        site.get(f"/people/{path}", source="127.0.0.79")
    time.sleep(0.2)
    lines = logged(site).splitlines()[-3:]
    assert [line.split()[3] for line in lines] == ["/people/-"] * 3
    assert "127.0.0.79" not in "".join(lines)


def test_log_tells_what_an_operator_needs(site):
    site.get("/accounts/login/?next=/me/", source="127.0.0.78")
    time.sleep(0.2)
    address, _, method, path, status, *_ = logged(site).splitlines()[-1].split()
    assert (address, method, path, status) == ("127.0.0.78", "GET", "/accounts/login/", "200")


def test_header_that_is_too_large_is_refused(site):
    assert site.get("/", X_Long="x" * 40_000)[0] in (400, 431)


HARDENED = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Referrer-Policy": "same-origin",
}
OWN = {"/metrics": 404, "/static/nothing.css": 404, "/admin/": 403, "/static/css": 301, "/nothing%00": 400}


def hardened(headers):
    return {name: headers.get_all(name) for name in HARDENED}


@pytest.mark.parametrize(("path", "status"), OWN.items())
def test_answers_of_nginx_itself_are_hardened(site, path, status):
    found, headers = site.get_safely(path)
    assert found == status
    assert hardened(headers) == {name: [value] for name, value in HARDENED.items()}
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_static_files_are_hardened(site):
    css = next((site.folder / "static/css").glob("base.*.css")).name
    status, headers = site.get_safely(f"/static/css/{css}")
    assert status == 200
    assert hardened(headers) == {name: [value] for name, value in HARDENED.items()}


def test_request_that_is_too_large_gets_a_hardened_answer(site):
    status, headers = site.get_safely("/", **{"X-Long": "x" * 40_000})
    assert status == 400
    assert hardened(headers) == {name: [value] for name, value in HARDENED.items()}


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing/", "/conferences.ics?key=x"])
def test_answers_of_the_application_have_each_header_once(site, path):
    _, headers = site.get_safely(path)
    assert [len(values) for values in hardened(headers).values()] == [1] * len(HARDENED)
    assert len(headers.get_all("Content-Security-Policy")) == 1


def test_plain_http_promises_no_https(site):
    assert site.get("/metrics")[1]["Strict-Transport-Security"] is None


@pytest.mark.parametrize("name", sorted(file.name for file in (DEPLOY / "nginx").glob("*.html")))
def test_policy_of_nginx_allows_the_style_and_the_script_of_its_pages(name):
    page = (DEPLOY / "nginx" / name).read_text()
    for _, text in re.findall(r"<(style|script)>(.*?)</\1>", page, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in (DEPLOY / "nginx/own-answers.conf").read_text()


@pytest.mark.parametrize("name", sorted(file.name for file in (DEPLOY / "nginx").glob("*.html")))
def test_pages_of_nginx_have_the_colours_of_the_site(name):
    tokens = (DEPLOY.parent / "static/css/tokens.css").read_text()
    papers, inks = (re.findall(rf"--cb-{token}: (#\w+)", tokens)[:2] for token in ("paper", "ink"))
    page = (DEPLOY / "nginx" / name).read_text()
    for paper, ink in zip(papers, inks, strict=True):
        assert f"background: {paper}; color: {ink};" in page


@pytest.mark.parametrize(
    "path", ["/static/../secret", "/static/..%2fconfbox.sqlite3", "/static../confbox.sqlite3"]
)
def test_static_files_lead_nowhere_else(site, path):
    assert site.get(path)[0] in (400, 404)


@pytest.mark.parametrize(
    ("accepted", "encoding", "decompress"),
    [("gzip", "gzip", gzip.decompress), ("gzip, deflate, br", "br", brotli.decompress)],
)
def test_static_file_is_compressed_and_kept_for_a_year(site, accepted, encoding, decompress):
    css = next((site.folder / "static/css").glob("base.*.css")).name
    status, headers, body = site.get(f"/static/css/{css}", Accept_Encoding=accepted)
    assert (status, headers["Content-Encoding"]) == (200, encoding)
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert decompress(body) == (site.folder / "static/css" / css).read_bytes()


def test_metrics_stay_inside(site):
    assert site.get("/metrics")[0] == 404


def test_pages_are_compressed(site):
    assert site.get("/", Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"


def test_reload_under_requests_loses_none(site):
    answers = []
    for number in range(60):
        if number == 20:
            site.app.send_signal(signal.SIGHUP)
        answers.append(site.get("/healthz")[0])
        time.sleep(0.03)
    assert set(answers) == {200}


@contextmanager
def away(site, run):
    """Without the application, which comes back for the tests that follow."""
    site.app.terminate()
    # Workers that a reload has just started are loading, and are waited for before they stop.
    site.app.wait(timeout=60)
    try:
        yield
    finally:
        site.app = start_application(site.folder, run)
        wait_until_served(site)


def test_page_says_so_while_the_application_is_away(site, run):
    with away(site, run):
        status, headers, page = site.get("/")
        hardened = site.get_safely("/")[1].get_all("Strict-Transport-Security")
        site.get(f"/unsubscribe/{SECRET}/", Referer=f"http://localhost/me/address/{SECRET}/")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert hardened == [HARDENED["Strict-Transport-Security"]]
    assert headers["Refresh"] == "5"
    assert b"or it is being restarted" in page
    assert b"saved" not in page
    assert SECRET not in written(site)


HEAVY = [
    ("POST", "/accounts/login/"),
    ("POST", "/accounts/signup/"),
    ("POST", "/accounts/password/reset/"),
    ("POST", "/people/profile/picture/"),
    ("POST", "/api/v1/people/profile/picture/"),
    ("POST", "/me/address/"),
    ("POST", "/invitation/x/"),
    ("POST", "/conferences/nordic-js/campaigns/preview/"),
    ("POST", "/conferences/nordic-js/pitch/"),
    ("GET", "/conferences/nordic-js/card.png"),
    ("GET", "/people/export/"),
    ("GET", "/api/v1/people/export/"),
    ("GET", "/accounts/with/oidc/back/"),
]
LIGHT = [
    ("GET", "/accounts/login/"),
    ("GET", "/conferences/nordic-js/"),
    ("POST", "/conferences/nordic-js/join/"),
    ("POST", "/conferences/nordic-js/vote/"),
    ("POST", "/conferences/nordic-js/vote/withdraw/"),
]


class HeavyProcess(BaseHTTPRequestHandler):
    """Replaces the process of heavy work and records that it was used."""

    def answer(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(204)
        self.send_header("X-Heavy", "yes")
        self.send_header("X-Login-Queue", "people")
        self.end_headers()

    do_GET = do_POST = answer  # noqa: N815

    def address_string(self):
        return "nginx"

    def log_message(self, *_):
        pass


@pytest.fixture
def heavy_process(site, run):
    with ThreadingUnixStreamServer(f"{run}/heavy.sock", HeavyProcess) as server:
        threading.Thread(target=server.serve_forever).start()
        wait_until_tried_again(site)
        yield
        server.shutdown()
    Path(f"{run}/heavy.sock").unlink()


def wait_until_tried_again(site):
    """A test before may have asked while the process was away; nginx then leaves it alone for a while."""
    ends = time.monotonic() + 20
    while not is_heavy(site, "POST", "/me/address/"):
        assert time.monotonic() < ends
        time.sleep(0.2)


def is_heavy(site, method, path):
    return site.request(method, path, Cookie="csrftoken=x", Content_Length="0")[1]["X-Heavy"] == "yes"


@pytest.mark.parametrize(("method", "path"), HEAVY)
def test_what_computes_goes_to_a_process_of_its_own(site, heavy_process, method, path):
    assert is_heavy(site, method, path)


@pytest.mark.parametrize(("method", "path"), LIGHT)
def test_votes_and_pages_share_no_process_with_what_computes(site, heavy_process, method, path):
    assert not is_heavy(site, method, path)


def test_process_of_heavy_work_takes_votes_while_the_others_are_away(site, run, heavy_process):
    with away(site, run):
        assert is_heavy(site, "POST", "/conferences/drill/vote/")


@pytest.mark.parametrize(("method", "path"), HEAVY)
def test_others_take_over_while_the_process_of_heavy_work_is_away(site, method, path):
    assert site.request(method, path, Cookie="csrftoken=x", Content_Length="0")[0] < 500
