"""Attacks every form of an account with every bad input we know.

There must be no server error, nothing may change for anyone else, and nothing of anyone else may be shown.
"""

import re
from itertools import product
from urllib.parse import quote_from_bytes, urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user

pytestmark = [pytest.mark.slow, pytest.mark.any_database]

SECRET = "known-to-the-victim-alone"
TEXTS = [
    "",
    "   ",
    "<script>alert(1)</script>",
    "{{ 7|add:7 }}{% debug %}${7*7}",
    "\u202egnp.exe",
    "\u200b\u200d\ufeff",
    "e" + "\u0301" * 1000,
    "👩‍🔬𝕬🏳️‍🌈" * 20,
    "x" * 65_536,
    "a\r\nBcc: all@example.org",
    "a\x00b",
    "' OR 1=1 --",
    "%s%n%d",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "１２３４５６",
    "-1",
    "9223372036854775808",
    "1e3",
    "null",
    "[]",
]
ADDRESSES = [
    "VICTIM@Example.org",
    "victim@example.org ",
    "victim@example.org.",
    "vıctim@example.org",
    "victim@еxample.org",
    "victim@example.org\r\nBcc: x@example.org",
    '"victim"@example.org',
    "victim@[127.0.0.1]",
    "a" * 300 + "@example.org",
    "victim@example.org,x@example.org",
    "victim@exa mple.org",
    "victim@" + "x" * 64 + ".org",
    "@",
]
RAW = [b"\xed\xa0\x80", b"\xff\xfe", b"%", b"%zz", b"\xc0\xaf", b"+" * 5000]
PLACES = [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "\x00",
    "/" * 5000,
]

OPEN = {
    "/accounts/login/": ["login", "password", "next"],
    "/accounts/signup/": ["name", "profession", "email", "password1", "next"],
    "/accounts/signup/code/": ["code"],
    "/accounts/signup/address/": ["email"],
    "/accounts/password/reset/": ["email"],
    "/accounts/password/reset/confirm/": ["code"],
    "/accounts/password/reset/complete/": ["password1", "password2"],
    "/accounts/confirm-email/": ["code", "action", "email"],
    "/accounts/2fa/authenticate/": ["code", "credential"],
    "/accounts/2fa/webauthn/login/": ["credential", "next"],
    "/accounts/logout/": ["next"],
    "/accounts/signup/code/resend/": ["email"],
    "/accounts/password/reset/resend/": ["email"],
}
OWN = {
    "/people/profile/": ["name", "profession", "bio", "phone"],
    "/people/settings/": ["time_zone", "language"],
    "/people/delete/": [],
    "/people/export/": [],
    "/accounts/email/": ["email", "action_add", "action_remove", "action_primary", "action_send"],
    "/accounts/confirm-email/": ["code", "action", "email", "next"],
    "/accounts/password/change/": ["oldpassword", "password1", "password2", "next"],
    "/accounts/reauthenticate/": ["password", "next"],
    "/accounts/2fa/totp/activate/": ["code"],
    "/accounts/2fa/webauthn/add/": ["name", "credential", "passwordless"],
    "/accounts/sessions/end-others/": [],
    "/accounts/2fa/totp/deactivate/": ["code"],
    "/accounts/2fa/recovery-codes/generate/": ["next"],
    "/accounts/2fa/reauthenticate/": ["code", "next"],
    "/people/profile/picture/remove/": [],
}


TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
# Of the phone number, as it is written, without spaces or in a URL: not the same digits in the ID of a row.
DIGITS = re.compile(r"(\b|%20|\+|555)0199\b")


@pytest.fixture
def victim(db):
    details = {"name": "Victoria Sinclair", "phone": "+49 555 0199", "bio": "Private words"}
    user = make_user("victim@example.org", password=SECRET, **details)
    Client().post("/accounts/login/", {"login": user.email, "password": SECRET})
    return user


@pytest.fixture
def watch(victim):
    """Fails if an attack has changed the victim's data, or shown any of it."""

    def state():
        return (
            User.objects.filter(pk=victim.pk).values().get(),
            list(EmailAddress.objects.filter(user=victim).values()),
            list(UserSession.objects.filter(user=victim).values()),
            User.objects.filter(is_staff=True).count(),
        )

    before = state()

    def look(response, what):
        assert response.status_code < 500, what
        # In thousands of pages, a random token contains any four digits sooner or later.
        shown = TOKEN.sub("", response.content.decode(errors="replace"))
        assert not DIGITS.search(shown), what
        assert "Sinclair" not in shown, what
        assert "evil.example" not in response.headers.get("Location", "").partition("?")[0], what
        assert state() == before, what

    return look


def values_for(field):
    if field in ("email", "login"):
        return TEXTS + ADDRESSES
    return TEXTS + PLACES if field == "next" else TEXTS


def attack(client, watch, url, fields):
    client.raise_request_exception = False
    good = dict.fromkeys(fields, "word") | {key: PASSWORD for key in fields if "password" in key}
    for field in fields:
        for value in values_for(field):
            cache.clear()
            watch(client.post(url, good | {field: value}), (url, field, value[:40]))
    for raw, field in product(RAW, fields or ["x"]):
        body = f"{field}=".encode() + (raw if b"%" in raw else quote_from_bytes(raw).encode())
        watch(
            client.post(url, body, content_type="application/x-www-form-urlencoded"), (url, field, raw[:20])
        )
    for content_type, body in BODIES:
        watch(client.post(url, body, content_type=content_type), (url, content_type))
    watch(client.post(url, urlencode([(f, v) for f in fields for v in ("a", "b")]), FORM), (url, "twice"))


NUMBERS = ["0", "-1", "1e3", "１２", "2147483648", "9" * 18, "9" * 25, "x", "%00", "1/../2"]
NUMBERED = [
    "/people/{}/",
    "/accounts/sessions/{}/end/",
    "/accounts/2fa/webauthn/keys/{}/remove/",
    "/media/pictures/{}",
]
FORM = "application/x-www-form-urlencoded"
BODIES = [
    ("application/json", '{"is_staff": true, "email": ["a"]}'),
    ("application/json", "{"),
    ("multipart/form-data", b"--x"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na'),
    ("text/plain", "a=b"),
    (FORM, ""),
    (FORM, "&".join(f"f{n}=1" for n in range(2000))),
]


@pytest.mark.parametrize("url", OPEN)
def test_attack_of_a_person_who_is_not_logged_in(watch, url):
    client = Client()
    if "/signup/" in url and url != "/accounts/signup/":
        client.post("/accounts/signup/", {"name": "M", "email": "m@example.org", "password1": PASSWORD})
    if "reset/c" in url:
        client.post("/accounts/password/reset/", {"email": "victim@example.org"})
    attack(client, watch, url, OPEN[url])


@pytest.mark.parametrize("url", OWN)
def test_attack_of_a_person_who_is_logged_in(watch, url):
    attacker = make_user("attacker@example.org")
    attack(log_in_freshly(Client(), attacker), watch, url, OWN[url])
    attacker.refresh_from_db()
    assert (attacker.is_staff, attacker.is_superuser, attacker.is_active) == (False, False, True)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("url", NUMBERED)
def test_unknown_ids(watch, url, number):
    client = log_in_freshly(Client(raise_request_exception=False), make_user("attacker@example.org"))
    for method in ("GET", "POST"):
        answer = client.generic(method, url.format(number))
        assert answer.status_code in (404, 405)
        watch(answer, (url, number))


def test_another_persons_ids(watch, victim):
    client = log_in_freshly(Client(), make_user("attacker@example.org"))
    session = UserSession.objects.get(user=victim)
    for url in (f"/people/{victim.pk}/", f"/accounts/sessions/{session.pk}/end/"):
        watch(client.post(url), url)
        watch(client.get(url), url)


@pytest.mark.parametrize("text", TEXTS)
def test_search_and_numbers_in_the_admin(watch, organiser, text):
    client = log_in_freshly(Client(raise_request_exception=False), organiser)
    for query in ({"q": text}, {"p": text}, {"is_active__exact": text}, {"o": text}):
        answer = client.get("/admin/accounts/user/", query)
        assert answer.status_code < 500
    for verb in ("disable", "enable"):
        answer = client.post(f"/admin/accounts/user/{verb}/?{urlencode({'people': text})}", {"reason": "x"})
        assert answer.status_code < 500


@pytest.mark.parametrize("name", ["../../x.png", "a\x00.png", "x" * 5000, "<script>.png", ".htaccess", ""])
def test_name_of_a_picture_is_never_used(watch, settings, tmp_path, name):
    settings.MEDIA_ROOT = tmp_path
    client = log_in_freshly(Client(raise_request_exception=False), make_user("attacker@example.org"))
    watch(
        client.post("/people/profile/picture/", {"picture": SimpleUploadedFile(name or "x", b"GIF89a")}), name
    )
    watch(client.post("/people/profile/picture/", {"picture": "text"}), "no file")
    assert not list(tmp_path.rglob("*.*"))


def test_disabled_person_with_an_open_session_can_do_nothing(watch):
    attacker = make_user("attacker@example.org", name="Attacker")
    client = log_in_freshly(Client(raise_request_exception=False), attacker)
    User.objects.filter(pk=attacker.pk).update(is_active=False)
    before = User.objects.filter(pk=attacker.pk).values().get()
    good = {"name": "New", "time_zone": "Asia/Kolkata", "understood": "on", "email": "new@example.org"}
    good |= {"action_add": "", "oldpassword": PASSWORD, "password1": "x" * 20, "password2": "x" * 20}
    for url in OWN:
        for ask in (client.get, client.post):
            answer = ask(url, good | {"password": PASSWORD})
            watch(answer, url)
            assert answer.status_code == 302, url
            assert answer.url.startswith(("/accounts/login/", "/accounts/email/")), url
    assert User.objects.filter(pk=attacker.pk).values().get() == before


@pytest.mark.parametrize("url", [*OPEN, *OWN])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:80\\@testserver"},
        {"x-forwarded-host": "evil.example", "x-forwarded-for": "' OR 1=1", "x-real-ip": "::1%"},
        {"content-length": "99999999999"},
        {"accept-language": "x" * 5000, "user-agent": "\x00" * 9, "referer": "https://evil.example/"},
        {"cookie": "sessionid=../../x; csrftoken=" + "x" * 5000},
    ],
)
def test_strange_headers(watch, url, headers):
    client = Client(raise_request_exception=False)
    for method in ("GET", "POST", "HEAD"):
        watch(client.generic(method, url, b"", FORM, headers=headers), (url, method))


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods_do_nothing(watch, method):
    attacker = make_user("attacker@example.org")
    client = log_in_freshly(Client(raise_request_exception=False), attacker)
    before = User.objects.filter(pk=attacker.pk).values().get()
    for url in (*OPEN, *OWN):
        watch(client.generic(method, url, b"name=New&email=new@example.org", FORM), url)
    assert User.objects.filter(pk=attacker.pk).values().get() == before
