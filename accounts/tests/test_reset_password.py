"""A forgotten password: a code by email, then a new password."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actions
from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.kit.tests.page import parse

ASK = "/accounts/password/reset/"
CODE = "/accounts/password/reset/confirm/"
COMPLETE = "/accounts/password/reset/complete/"
NEW = "another-battery-staple"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def ask(client, email="dora@example.org"):
    return client.post(ASK, {"email": email})


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def set_password(client):
    return client.post(COMPLETE, {"password1": NEW, "password2": NEW})


def logs_in(password):
    client = Client()
    client.post("/accounts/login/", {"login": "dora@example.org", "password": password})
    return "_auth_user_id" in client.session


def test_code_lets_the_owner_set_a_new_password(client, mailoutbox, dora):
    assert ask(client).url == CODE
    assert client.post(CODE, {"code": code_of(mailoutbox[0])}).url == COMPLETE
    set_password(client)
    assert logs_in(NEW)
    assert not logs_in(PASSWORD)


def test_who_resets_the_password_gets_to_the_page_they_were_asked_to_log_in_for(client, mailoutbox, dora):
    asked = client.get("/accounts/email/", follow=True)
    [there] = [link for link in parse(asked).links if link.startswith(ASK)]
    page = parse(client.get(there))
    client.post(ASK, {"email": "dora@example.org", "next": page.field("next")["value"]})
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert set_password(client).url == "/accounts/login/?next=%2Faccounts%2Femail%2F"


def test_a_reset_leads_to_no_other_site(client, mailoutbox, dora):
    client.post(ASK, {"email": "dora@example.org", "next": "https://evil.example/"})
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert set_password(client).url == "/accounts/login/"


def test_reset_ends_every_open_session(client, mailoutbox, dora):
    other = type(client)()
    other.force_login(dora)
    ask(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    set_password(client)
    assert other.get("/accounts/email/").status_code == 302


def test_owner_is_notified_that_the_password_changed(client, mailoutbox, dora):
    ask(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    set_password(client)
    assert mailoutbox[-1].to == ["dora@example.org"]
    assert len(mailoutbox) == 2


def test_without_the_code_no_password_can_be_set(client, dora):
    ask(client)
    set_password(client)
    assert logs_in(PASSWORD)


def test_code_is_good_for_ten_minutes(client, mailoutbox, dora):
    ask(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        answer = client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert "has expired" in parse(answer).text


def test_code_works_once(client, mailoutbox, dora):
    ask(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    set_password(client)
    assert client.post(CODE, {"code": code_of(mailoutbox[0])}).url == ASK


def test_three_wrong_tries_end_the_code(client, mailoutbox, dora):
    ask(client)
    code = code_of(mailoutbox[0])
    for _ in range(3):
        client.post(CODE, {"code": f"{(int(code) + 1) % 10**6:06d}"})
    assert client.post(CODE, {"code": code}).status_code == 200


def test_code_does_not_work_after_the_address_changed(client, mailoutbox, dora):
    ask(client)
    User.objects.filter(pk=dora.pk).update(email="new@example.org")
    assert client.post(CODE, {"code": code_of(mailoutbox[0])}).status_code == 200


def test_sign_up_code_does_not_reset(client, mailoutbox, dora):
    data = {"name": "X", "email": "x@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", data)
    assert client.post(CODE, {"code": code_of(mailoutbox[0])}).url == ASK


@pytest.mark.parametrize("email", ["nobody@example.org", "disabled@example.org"])
def test_unknown_and_disabled_get_the_same_answer_and_no_email(client, mailoutbox, dora, email):
    make_user("disabled@example.org", is_active=False)
    answer = ask(client, email)
    assert (answer.status_code, answer.url) == (302, CODE)
    assert email in parse(client.get(CODE)).text
    assert mailoutbox == []


def test_asking_does_not_look_the_person_up(client, dora, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    with CaptureQueriesContext(connection) as queries:
        ask(client)
    assert not [q for q in queries if "accounts_user" in q["sql"] or "emailaddress" in q["sql"]]


@pytest.mark.parametrize("email", ["", "x", "a@b\r\nBcc: c@example.org", "x" * 300 + "@example.org"])
def test_bad_address_is_refused_on_the_page(client, mailoutbox, email):
    assert ask(client, email).status_code == 200
    assert mailoutbox == []


def test_code_page_says_where_until_when_and_what_if_nothing_comes(client, dora):
    with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
        ask(client)
        shown = parse(client.get(CODE))
    assert "dora@example.org" in shown.text
    assert "10:10 (UTC)" in shown.text
    assert "No email?" in shown.text
    assert "in 30 seconds" in shown.text
    field = shown.field("code")
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")


def test_code_page_is_kept_by_no_cache(client, dora):
    ask(client)
    assert "no-store" in client.get(CODE).headers["Cache-Control"]


def test_another_code_has_to_be_waited_for(client, mailoutbox, dora):
    ask(client)
    ask(Client())
    client.post("/accounts/password/reset/resend/")
    assert len(mailoutbox) == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        client.post("/accounts/password/reset/resend/")
        client.post(CODE, {"code": code_of(mailoutbox[1])})
        set_password(client)
    assert logs_in(NEW)


def test_new_password_has_to_be_set_within_ten_minutes(client, mailoutbox, dora):
    ask(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        set_password(client)
    assert User.objects.get().check_password(PASSWORD)


def test_person_disabled_after_asking_cannot_use_the_code(client, mailoutbox, dora):
    ask(client)
    User.objects.filter(pk=dora.pk).update(is_active=False)
    assert client.post(CODE, {"code": code_of(mailoutbox[0])}).status_code == 200


def forget_then(client, mailoutbox, act):
    """Enters the right code, changes something about the person, then sets a password."""
    ask(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    act(User.objects.get(email="dora@example.org"))
    return set_password(client)


def change_password(user):
    user.set_password("the-owner-knows-this")
    user.save()


@pytest.mark.parametrize(
    "act",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(email="new@example.org"),
        change_password,
    ],
    ids=["disabled", "another address", "another password"],
)
def test_right_code_is_void_once_the_person_changed(client, mailoutbox, dora, act):
    answer = forget_then(client, mailoutbox, act)
    assert answer.url == "/accounts/password/reset/"
    assert not User.objects.get().check_password(NEW)


def test_code_of_another_person_does_not_work(client, mailoutbox, dora):
    make_user("erik@example.org")
    ask(client)
    ask(other := Client(), "erik@example.org")
    if code_of(mailoutbox[0]) != code_of(mailoutbox[1]):
        assert client.post(CODE, {"code": code_of(mailoutbox[1])}).status_code == 200
    assert other.post(CODE, {"code": code_of(mailoutbox[1])}).url == COMPLETE


@pytest.mark.parametrize("host", ["testserver:81", "testserver."])
def test_email_leads_to_the_site_whatever_the_host_header_says(client, mailoutbox, dora, settings, host):
    settings.ALLOWED_HOSTS = ["testserver"]
    client.post("/accounts/password/reset/", {"email": "dora@example.org"}, headers={"host": host})
    links = re.findall(r"https?://\S+", mailoutbox[0].body)
    assert {f"{link}/".startswith(f"{settings.SITE_URL}/") for link in links} == {True}


def test_asking_again_at_once_leads_to_the_code_that_is_on_its_way(client, mailoutbox):
    user = make_user("again@example.org")
    asked = [client.post("/accounts/password/reset/", {"email": user.email}).url for _ in range(2)]
    assert asked == ["/accounts/password/reset/confirm/"] * 2
    assert len(mailoutbox) == 1


def test_reset_ends_all_sessions_and_what_ends_with_them(client, mailoutbox, dora, monkeypatch):
    ended = []
    monkeypatch.setattr(actions, "WITH_SESSIONS", [ended.append])
    log_in_freshly(Client(), dora)
    ask(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    client.post(COMPLETE, {"password1": NEW, "password2": "another"})
    assert ended == []
    set_password(client)
    assert ended == [dora]
    assert not UserSession.objects.filter(user=dora).exists()
