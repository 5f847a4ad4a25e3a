"""Log-in, log-out, change of password."""

from urllib.parse import urlencode

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse

LOG_IN = "/accounts/login/"
CHANGE = "/accounts/password/change/"
NEW = "another-battery-staple"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def log_in(client, email="dora@example.org", password=PASSWORD, **data):
    return client.post(LOG_IN, {"login": email, "password": password} | data)


def is_logged_in(client):
    return client.get("/accounts/email/").status_code == 200


@pytest.mark.parametrize("email", ["dora@example.org", "DORA@Example.ORG", " dora@example.org "])
def test_address_and_password_log_in(client, dora, email):
    log_in(client, email)
    assert is_logged_in(client)


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD.upper(), "x" * 10_000, "a\x00b"])
def test_wrong_password_does_not(client, dora, password):
    assert log_in(client, password=password).status_code == 200
    assert not is_logged_in(client)


def test_wrong_password_unknown_and_disabled_get_one_answer(client, dora):
    make_user("disabled@example.org", is_active=False)
    answers = [
        log_in(Client(), email, "wrong").context["form"].errors.as_json()
        for email in ("dora@example.org", "nobody@example.org", "disabled@example.org")
    ]
    assert len(set(answers)) == 1


def test_log_in_returns_to_where_the_person_came_from(client, dora):
    assert log_in(client, next="/conferences/open-conf/").url == "/conferences/open-conf/"


@pytest.mark.parametrize(
    "there",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\thttps://evil.example",
    ],
)
def test_log_in_never_leads_off_the_site(client, dora, there):
    assert log_in(client, next=there).url == "/me/"


@pytest.mark.parametrize(("remember", "expires"), [("on", False), ("", True)])
def test_remember_me_outlives_the_browser(client, dora, remember, expires):
    log_in(client, **({"remember": remember} if remember else {}))
    assert client.session.get_expire_at_browser_close() is expires


def test_log_out_ends_the_session(client, dora):
    log_in(client)
    client.post("/accounts/logout/")
    assert not is_logged_in(client)


def test_log_out_needs_a_post(client, dora):
    log_in(client)
    client.get("/accounts/logout/")
    assert is_logged_in(client)


def change_password(client, old=PASSWORD):
    return client.post(CHANGE, {"oldpassword": old, "password1": NEW, "password2": NEW})


def test_change_of_password_ends_all_other_sessions(client, dora):
    other = Client()
    log_in(client)
    log_in(other)
    change_password(client)
    assert is_logged_in(client)
    assert not is_logged_in(other)


def test_change_of_password_needs_the_old_one(client, dora):
    log_in(client)
    change_password(client, old="wrong")
    assert User.objects.get(pk=dora.pk).check_password(PASSWORD)


def test_owner_is_notified_of_the_change(client, mailoutbox, dora):
    log_in(client)
    change_password(client)
    assert [message.to for message in mailoutbox] == [["dora@example.org"]]


def test_disabled_person_with_an_open_session_is_out_at_once(client, dora):
    log_in(client)
    User.objects.filter(pk=dora.pk).update(is_active=False)
    assert not is_logged_in(client)


def test_unconfirmed_address_asks_for_a_code(client, mailoutbox):
    make_user("dora@example.org", confirmed=False)
    assert log_in(client).url == "/accounts/confirm-email/"
    assert len(mailoutbox) == 1
    assert not is_logged_in(client)


@pytest.mark.parametrize(
    ("before", "back"),
    [
        ("http://testserver/conferences/open-conf/ballot/?page=2", "/conferences/open-conf/ballot/?page=2"),
        ("http://testserver/", "/conferences/open-conf/"),
        ("https://evil.example/conferences/", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_without_a_session_leads_back_to_its_page(client, db, before, back):
    answer = client.post("/conferences/open-conf/join/", headers={"referer": before})
    assert answer.headers["location"] == f"/accounts/login/?{urlencode({'next': back}, safe='/')}"


def test_guessing_the_old_password_in_the_change_is_throttled(client, dora):
    log_in(client)
    for _ in range(5):
        change_password(client, old="wrong")
    assert change_password(client).status_code == 429
    assert User.objects.get(pk=dora.pk).check_password(PASSWORD)


def test_log_in_gives_the_session_another_key(client, dora):
    client.get(LOG_IN)
    client.session["x"] = 1
    log_in(client, password="wrong")
    before = client.session.session_key
    log_in(client)
    assert client.session.session_key != before


def test_the_first_field_has_the_focus_and_then_the_first_wrong_one(client, db):
    def focused(page):
        return parse(page).attributes("input[autofocus]", "name")

    assert focused(client.get("/accounts/login/")) == ["login"]
    refused = client.post("/accounts/login/", {"login": "a@example.org", "password": ""})
    assert focused(refused) == ["password"]


def test_showing_again_who_one_is_gives_the_session_another_key(client, dora):
    log_in(client)
    before = client.session.session_key
    stolen = Client()
    stolen.cookies = client.cookies.copy()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.session.session_key != before
    assert is_logged_in(client)
    assert not is_logged_in(stolen)


def test_session_with_another_key_is_still_in_the_list_of_sessions(client, dora):
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [client.session.session_key]


def test_list_sets_a_token_once(client):
    assert settings.CSRF_COOKIE_NAME in client.get("/").cookies
    assert settings.CSRF_COOKIE_NAME not in client.get("/").cookies


def test_log_in_forms_in_two_tabs_both_work(dora):
    browser = Client(enforce_csrf_checks=True)
    browser.get("/")
    tabs = [Client(enforce_csrf_checks=True) for _ in range(2)]
    for tab in tabs:
        tab.cookies = browser.cookies.copy()
    forms = [tab.get(LOG_IN) for tab in tabs]
    browser.cookies.update(tabs[1].cookies)
    token = str(forms[0].context["csrf_token"])
    data = {"login": dora.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post(LOG_IN, data).status_code == 302


def test_field_that_shows_again_who_one_is_has_the_focus(client, dora):
    log_in(client)
    assert parse(client.get("/accounts/reauthenticate/")).attributes("input[autofocus]", "name") == [
        "password"
    ]
