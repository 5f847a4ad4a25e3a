"""Log-in with a code by email instead of a password."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_organiser, make_user
from accounts.tests.second_factors import totp_code
from confbox.kit.tests.page import parse

LOG_IN = "/accounts/login/"
ASK = "/accounts/login/code/"
CODE = "/accounts/login/code/confirm/"
RESEND = "/accounts/login/code/resend/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def ask(client, email="dora@example.org", **data):
    return client.post(ASK, {"email": email} | data)


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def enter(client, mailoutbox, **data):
    return client.post(CODE, {"code": code_of(mailoutbox[-1])} | data)


def is_logged_in(client):
    return "_auth_user_id" in client.session


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def test_log_in_page_leads_there_and_keeps_where_the_person_was_going(client):
    links = parse(client.get(f"{LOG_IN}?next=/conferences/?q=a%26b")).links
    assert f"{ASK}?next=%2Fconferences%2F%3Fq%3Da%26b" in links


@pytest.mark.parametrize("email", ["dora@example.org", " DORA@Example.ORG "])
def test_the_code_logs_in_without_the_password(client, mailoutbox, dora, email):
    assert ask(client, email).url == CODE
    assert enter(client, mailoutbox).url == "/me/"
    assert is_logged_in(client)


def test_a_person_without_a_password_can_log_in(client, mailoutbox):
    make_user("dora@example.org", password=None)
    ask(client)
    enter(client, mailoutbox)
    assert is_logged_in(client)


def test_code_leads_to_where_the_person_was_going(client, mailoutbox, dora):
    field = parse(client.get(f"{ASK}?next=/accounts/email/")).field("next")
    ask(client, next=field["value"])
    assert enter(client, mailoutbox).url == "/accounts/email/"


@pytest.mark.parametrize("there", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_code_never_leads_off_the_site(client, mailoutbox, dora, there):
    ask(client, next=there)
    assert enter(client, mailoutbox).url == "/me/"


def test_where_an_earlier_attempt_was_going_is_forgotten(client, mailoutbox, dora):
    ask(client, next="/accounts/email/")
    with later(seconds=31):
        ask(client)
        assert enter(client, mailoutbox).url == "/me/"


def test_log_in_gives_the_session_another_key_and_lists_it(client, mailoutbox, dora):
    ask(client)
    before = client.session.session_key
    enter(client, mailoutbox)
    client.get("/me/")
    assert client.session.session_key != before
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [client.session.session_key]


def test_log_in_counts_as_fresh(client, mailoutbox, dora):
    ask(client)
    enter(client, mailoutbox)
    assert client.get("/people/export/").status_code == 200


def test_second_factor_is_asked_for_after_the_code(client, mailoutbox, roles):
    organiser = make_organiser("dora@example.org")
    TOTP.activate(organiser, secret := generate_totp_secret())
    ask(client)
    assert enter(client, mailoutbox).url == "/accounts/2fa/authenticate/"
    assert not is_logged_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    assert is_logged_in(client)


def test_code_alone_does_not_open_the_admin(client, mailoutbox, roles, settings):
    settings.STAFF_MFA_REQUIRED = True
    make_organiser("dora@example.org")
    ask(client)
    enter(client, mailoutbox)
    assert client.get("/admin/").url.startswith("/accounts/2fa/")


def test_unconfirmed_address_is_confirmed_by_the_code(client, mailoutbox):
    dora = make_user("dora@example.org", confirmed=False)
    ask(client)
    enter(client, mailoutbox)
    assert is_logged_in(client)
    assert EmailAddress.objects.filter(user=dora, email=dora.email, verified=True, primary=True).exists()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("email", ["nobody@example.org", "disabled@example.org"])
def test_unknown_and_disabled_get_the_same_answer_and_no_email(client, mailoutbox, dora, email):
    make_user("disabled@example.org", is_active=False)
    answer = ask(client, email)
    assert (answer.status_code, answer.url) == (302, CODE)
    shown = {address: parse(page_after(address)).part("main").text for address in (email, dora.email)}
    assert shown[email].replace(email, "") == shown[dora.email].replace(dora.email, "")
    assert [message.to for message in mailoutbox] == [[dora.email]]


def page_after(email):
    client = Client()
    with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
        cache.clear()
        ask(client, email)
        return client.get(CODE)


def test_asking_does_not_look_the_person_up(client, dora, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    with CaptureQueriesContext(connection) as queries:
        ask(client)
    assert not [q for q in queries if "accounts_user" in q["sql"] or "emailaddress" in q["sql"]]


@pytest.mark.parametrize(
    "columns", [{"is_active": False}, {"email": "new@example.org"}], ids=["disabled", "another address"]
)
def test_person_who_changed_after_asking_cannot_use_the_code(client, mailoutbox, dora, columns):
    ask(client)
    User.objects.filter(pk=dora.pk).update(**columns)
    page = parse(enter(client, mailoutbox))
    assert "can no longer be used" in page.text
    assert not is_logged_in(client)


def test_three_wrong_tries_end_the_code(client, mailoutbox, dora):
    ask(client)
    for _ in range(3):
        client.post(CODE, {"code": wrong(code_of(mailoutbox[0]))})
    assert enter(client, mailoutbox).status_code == 200
    assert not is_logged_in(client)


def test_code_is_good_for_ten_minutes(client, mailoutbox, dora):
    ask(client)
    with later(minutes=11):
        assert "has expired" in parse(enter(client, mailoutbox)).text
    assert not is_logged_in(client)


def test_code_works_once(client, mailoutbox, dora):
    ask(client)
    enter(client, mailoutbox)
    client.post("/accounts/logout/")
    enter(client, mailoutbox)
    assert not is_logged_in(client)


def test_code_works_only_in_the_browser_that_asked(client, mailoutbox, dora):
    ask(client)
    assert enter(Client(), mailoutbox).url == ASK


def test_code_of_another_purpose_does_not_log_in(client, mailoutbox, dora):
    ask(client)
    with later(seconds=31):
        client.post("/accounts/password/reset/", {"email": dora.email})
        codes = [code_of(message) for message in mailoutbox]
        client.post(CODE, {"code": codes[1]})
    assert codes[0] == codes[1] or not is_logged_in(client)


def test_a_wrong_code_counts_against_its_network_and_is_logged(client, mailoutbox, dora, caplog):
    ask(client)
    client.post(CODE, {"code": wrong(code_of(mailoutbox[0]))}, REMOTE_ADDR="192.0.2.77")
    known = f"event=code outcome=failed account={dora.pk} network=192.0.2.0/24 purpose=log-in"
    assert [r.message for r in caplog.records if r.name == "security"] == [known]


def test_a_log_in_is_logged_with_its_method(client, mailoutbox, dora, caplog):
    caplog.set_level("INFO", "security")
    ask(client)
    enter(client, mailoutbox)
    assert caplog.records[-1].message.endswith("methods=code")


def test_another_code_has_to_be_waited_for(client, mailoutbox, dora):
    ask(client)
    client.post(RESEND)
    assert len(mailoutbox) == 1
    with later(seconds=31):
        client.post(RESEND)
        client.post(CODE, {"code": code_of(mailoutbox[0])})
        assert code_of(mailoutbox[0]) == code_of(mailoutbox[1]) or not is_logged_in(client)
        enter(client, mailoutbox)
    assert is_logged_in(client)


def test_asking_again_at_once_leads_to_the_code_that_is_on_its_way(client, mailoutbox, dora):
    assert [ask(client).url for _ in range(2)] == [CODE] * 2
    assert len(mailoutbox) == 1


def test_the_mailbox_has_one_allowance_for_codes_of_every_purpose(client, mailoutbox, dora):
    Client().post("/accounts/password/reset/", {"email": dora.email})
    page = parse(ask(client))
    assert "We have just sent an email to this address" in page.text
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("email", ["", "x", "a@b\r\nBcc: c@example.org", "x" * 300 + "@example.org"])
def test_bad_address_is_refused_on_the_page(client, mailoutbox, email):
    assert ask(client, email).status_code == 200
    assert mailoutbox == []


@pytest.mark.parametrize(("remember", "expires"), [("on", False), ("", True)])
def test_remember_me_outlives_the_browser(client, mailoutbox, dora, remember, expires):
    ask(client)
    enter(client, mailoutbox, **({"remember": remember} if remember else {}))
    assert client.session.get_expire_at_browser_close() is expires
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_a_person_who_is_logged_in_is_led_on(as_stranger):
    assert as_stranger.get(ASK).url == "/me/"
    assert as_stranger.get(f"{ASK}?next=/accounts/email/").url == "/accounts/email/"


def test_code_page_says_where_until_when_and_what_if_nothing_comes(client, dora):
    with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
        ask(client)
        page = client.get(CODE)
    shown = parse(page)
    assert [words for words in (dora.email, "10:10 (UTC)", "No email?") if words not in shown.text] == []
    field = shown.field("code")
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")
    assert "no-store" in page.headers["Cache-Control"]
