"""The headers of every response, on the site and in the admin."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import Client

from accounts.tests.factories import PASSWORD, make_user
from confbox.csp_header import ComposedPolicy

PAGES = ["/", "/accounts/login/", "/people/profile/", "/admin/", "/admin/accounts/user/", "/nothing/"]


@pytest.fixture(params=PAGES)
def headers(request, as_organiser):
    cache.clear()
    return as_organiser.get(request.param).headers


def directives(headers):
    parts = (part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";"))
    return {name: set(values.split()) for name, _, values in parts if name}


def test_content_security_policy_is_strict(headers):
    policy = directives(headers)
    everything = set().union(*policy.values())
    assert not everything & {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}
    assert policy["img-src"] == {"'self'", "data:"}
    for name in ("script-src", "style-src", "connect-src", "manifest-src", "frame-src"):
        assert policy[name] == {"'self'"}


@pytest.mark.parametrize("name", ["default-src", "object-src", "base-uri", "frame-ancestors"])
def test_content_security_policy_forbids(headers, name):
    assert directives(headers)[name] == {"'none'"}


def test_forms_go_nowhere_else(headers):
    assert directives(headers)["form-action"] == {"'self'"}


@pytest.mark.parametrize("feature", ["camera", "geolocation", "microphone", "payment", "usb"])
def test_permissions_policy_switches_off(headers, feature):
    assert f"{feature}=()" in headers["Permissions-Policy"]


def test_types_are_not_guessed_and_frames_refused(headers):
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_text_becomes_a_script(headers):
    policy = directives(headers)
    assert policy["require-trusted-types-for"] == {"'script'"}
    assert policy["trusted-types"] == {"default"}


# Each header of a response that is the same on every page, as browsers get it.
SAME_EVERYWHERE = {
    "Content-Security-Policy": (
        "base-uri 'none'; connect-src 'self'; default-src 'none'; form-action 'self'; "
        "frame-ancestors 'none'; frame-src 'self'; img-src 'self' data:; manifest-src 'self'; "
        "object-src 'none'; require-trusted-types-for 'script'; script-src 'self'; style-src 'self'; "
        "trusted-types default"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def security_headers(answer):
    found = {name: answer.headers.get(name) for name in SAME_EVERYWHERE}
    policy = found["Content-Security-Policy"] or ""
    return found | {"Content-Security-Policy": "; ".join(sorted(policy.split("; ")))}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/", 200),
        ("get", "/conferences/open-conf/ballot/", 200),
        ("post", "/conferences/open-conf/vote/", 302),
        ("get", "/conferences/open-conf/vote/", 405),
        ("get", "/nothing/", 404),
        ("get", "/conferences/open-conf.ics", 200),
        ("get", "/conferences//open-conf/", 404),
    ],
)
def test_every_answer_has_every_header(as_alice, method, path, status):
    answer = getattr(as_alice, method)(path)
    assert (answer.status_code, security_headers(answer)) == (status, SAME_EVERYWHERE)


def test_a_form_without_a_token_is_refused_with_every_header(client, db):
    answer = Client(enforce_csrf_checks=True).post("/conferences/open-conf/vote/")
    assert (answer.status_code, security_headers(answer)) == (403, SAME_EVERYWHERE)


@pytest.mark.parametrize("name", ["_csp_replace", "_csp_update", "_csp_exempt", "_csp_config"])
def test_a_response_can_still_change_its_own_policy(rf, settings, name):
    def view(request):
        response = HttpResponse()
        value = {"_csp_exempt": True, "_csp_config": {"img-src": ["x.example"]}}
        setattr(response, name, value.get(name, {"img-src": ["x.example"]}))
        return response

    policy = ComposedPolicy(view)(rf.get("/")).headers.get("Content-Security-Policy", "")
    assert ("x.example" in policy) is (name != "_csp_exempt")
    assert (policy == "") is (name == "_csp_exempt")


def test_other_sites_can_neither_load_nor_open_our_pages(headers):
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize("path", ["/card.png", "/conferences/open-conf/card.png"])
def test_other_sites_can_show_our_preview_cards(client, conference, path):
    assert client.get(path).headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    "path", ["/conferences/open-conf.ics", "/feed/", "/robots.txt", "/healthz", "/manifest.webmanifest"]
)
def test_other_sites_cannot_load_what_is_no_page(client, conference, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cross-Origin-Resource-Policy"]) == (200, "same-origin")


def test_other_sites_cannot_load_our_static_files(client):
    answer = client.get("/static/js/theme.js")
    assert (answer.status_code, answer.headers["Cross-Origin-Resource-Policy"]) == (200, "same-origin")


@pytest.mark.parametrize("path", ["/", "/me/", "/conferences/open-conf/", "/conferences/open-conf/ballot/"])
def test_no_copy_is_kept_of_a_page_made_for_one_person(as_alice, path):
    headers = as_alice.get(path).headers
    assert headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in headers


def test_no_copy_is_kept_of_an_error_that_greets_one_person(as_alice):
    assert as_alice.get("/nothing/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_copies_of_public_pages_may_be_kept(client):
    headers = client.get("/").headers
    assert "Cache-Control" not in headers
    assert headers["ETag"]


def test_what_a_view_says_about_copies_stays(as_organiser):
    assert as_organiser.get("/people/delete/").headers["Cache-Control"].startswith("max-age=0")


def test_a_card_that_anyone_may_fetch_stays_public(as_alice):
    assert "public" in as_alice.get("/conferences/open-conf/card.png").headers["Cache-Control"]


def test_errors_have_the_policy_too(client, settings):
    client.raise_request_exception = False
    assert "Content-Security-Policy" in client.get("/", headers={"host": "evil.example"}).headers
    assert "Content-Security-Policy" in Client(enforce_csrf_checks=True).post("/accounts/login/").headers


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client):
    cache.clear()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": make_user("a@example.org").email, "password": PASSWORD})
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"


def production(expression, **changes):
    known = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "x.example", "DATABASE_URL": "sqlite:////dev/null"}
    known |= {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull} | changes
    code = f"from confbox import settings as s; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", code], check=False, env=known, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE", "True True"),
        ("s.SECURE_HSTS_SECONDS >= 31536000, s.SECURE_HSTS_INCLUDE_SUBDOMAINS", "True True"),
        ("s.SECURE_SSL_REDIRECT", "True"),
        ("s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME", "__Host-sessionid __Host-csrftoken"),
        ("s.STAFF_MFA_REQUIRED", "True"),
        ("s.DEBUG, s.MAILBOX", "False False"),
    ],
)
def test_production_is_safe_by_default(expression, value):
    assert production(expression) == value


@pytest.mark.django_db
def test_hsts_is_sent_over_https(rf, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    sent = SecurityMiddleware(lambda request: HttpResponse())(rf.get("/", secure=True))
    assert sent.headers["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")


@pytest.mark.parametrize("debug", ["true", "false"])
def test_policies_are_the_same_in_development_and_production(debug):
    both = "(s.CONTENT_SECURITY_POLICY, s.PERMISSIONS_POLICY, s.X_FRAME_OPTIONS)"
    wired = f"[m for m in s.MIDDLEWARE if m in {WIRED}]"
    configured = [settings.CONTENT_SECURITY_POLICY, settings.PERMISSIONS_POLICY, settings.X_FRAME_OPTIONS]
    assert production(both, DEBUG=debug) == str(tuple(configured))
    assert production(wired, DEBUG=debug) == str(WIRED)


WIRED = ["confbox.csp_header.ComposedPolicy", "django_permissions_policy.PermissionsPolicyMiddleware"]


@pytest.mark.parametrize(
    ("name", "value"), [("SESSION_COOKIE_SAMESITE", "Lax"), ("CSRF_COOKIE_SAMESITE", "Lax")]
)
def test_cookies_go_to_no_other_site_in_production(name, value):
    assert production(f"s.{name}") == value


COOKIES = """
import django
from django.conf import settings
django.setup()
from confbox.cookies import Messages
from django.test import Client, RequestFactory
from voting.elections.just_voted import note_vote
browser = Client(headers={"host": "x.example"})
browser.get("/accounts/login/", secure=True)
browser.post("/theme/", {"theme": "dark"}, secure=True)
browser.post("/language/", {"language": "de"}, secure=True)
request = RequestFactory().get("/", secure=True)
request.session = {}
messages = Messages(request)
messages.add(25, "Saved.")
response = django.http.HttpResponse()
messages.update(response)
note_vote(response, slug="conf", act="first")
for jar in (browser.cookies, response.cookies):
    for name, cookie in jar.items():
        flags = [cookie[flag] for flag in ("secure", "httponly", "samesite", "path")]
        print(name, *flags, repr(cookie["domain"]))
"""


def cookies_of(https):
    known = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "x.example", "DATABASE_URL": "sqlite:////dev/null"}
    known |= {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "HTTPS": https, "DEBUG": "true"}
    known |= {"DJANGO_SETTINGS_MODULE": "confbox.settings", "PYTHONPATH": str(settings.BASE_DIR)}
    done = subprocess.run(
        [sys.executable, "-c", COOKIES], check=False, env=known, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


NAMES = {"csrftoken", "django_language", "messages", "theme", "voted"}


def test_every_cookie_belongs_to_this_host_alone_over_https():
    assert cookies_of("true") == {f"__Host-{name}": "True True Lax / ''" for name in NAMES}


def test_cookies_have_plain_names_without_https():
    assert cookies_of("false") == dict.fromkeys(NAMES, " True Lax / ''")
