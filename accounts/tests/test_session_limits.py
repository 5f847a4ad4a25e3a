"""No one can fill the table of sessions."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import session_limits
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.limits import Limit
from confbox.kit.tests.page import parse
from confbox.kit.tests.stores import number_of_sessions

SIGN_UP = {"name": "New", "password1": "correct-horse-battery"}
RESET = "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def _few(db, monkeypatch):
    cache.clear()
    monkeypatch.setattr(session_limits, "STRANGERS", Limit("few", network="3/h"))
    monkeypatch.setattr(session_limits, "PERSONS", Limit("few of a person", person="3/h"))


def reset(number, address="127.0.6.1"):
    return Client(REMOTE_ADDR=address).post(RESET, {"email": f"x{number}@example.org"})


def test_strangers_of_a_network_get_so_many_sessions_and_no_more():
    answers = [reset(number).status_code for number in range(5)]
    assert (answers, number_of_sessions()) == ([302] * 3 + [429] * 2, 3)


def test_strangers_of_another_network_have_their_own():
    for number in range(4):
        reset(number)
    assert reset(5, "127.0.6.2").status_code == 302


def test_page_says_until_when_and_nothing_is_emailed(mailoutbox):
    for number in range(3):
        make_user(f"x{number}@example.org")
        reset(number)
    make_user("x4@example.org")
    answer = reset(4)
    assert len(mailoutbox) == 3
    assert "Too many requests" in parse(answer).text
    assert int(answer.headers["Retry-After"]) > 0


def test_stranger_who_has_a_session_goes_on():
    client = Client(REMOTE_ADDR="127.0.6.1")
    client.post(RESET, {"email": "x@example.org"})
    for number in range(3):
        reset(number)
    assert client.get("/accounts/password/reset/code/").status_code != 429


def test_session_of_a_stranger_ends_within_a_day_and_that_of_a_person_does_not():
    client = Client()
    client.post(RESET, {"email": "x@example.org"})
    assert client.session.get_expiry_age() == 24 * 3600
    make_user("dora@example.org")
    client.post("/accounts/login/", {"login": "dora@example.org", "password": PASSWORD})
    assert "_auth_user_id" in client.session
    assert client.session.get_expiry_age() > 24 * 3600


def test_pages_make_no_session_for_a_person_who_only_reads(client):
    for path in ("/", "/accounts/login/", "/accounts/signup/", RESET, "/accounts/2fa/authenticate/"):
        client.get(path)
    assert number_of_sessions() == 0


def invented(number):
    client = Client(REMOTE_ADDR="127.0.6.1")
    client.cookies["sessionid"] = f"{number:032}"
    return client


@pytest.fixture
def few_made_up(monkeypatch):
    monkeypatch.setattr(session_limits, "MADE_UP", Limit("few made up", network="3/h"))


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/me/", "/media/pictures/x.webp", "/nothing/"])
def test_made_up_sessions_of_a_network_are_refused_beyond_the_limit(few_made_up, path):
    answers = [invented(number).get(path).status_code for number in range(5)]
    assert 429 not in answers[:3]
    assert answers[3:] == [429, 429]


def test_made_up_sessions_keep_out_neither_people_nor_other_networks(few_made_up):
    person = Client(REMOTE_ADDR="127.0.6.1")
    person.force_login(make_user("dora@example.org"))
    for number in range(4):
        invented(number).get("/")
    assert person.get("/me/").status_code == 200
    assert Client(REMOTE_ADDR="127.0.6.1").get("/").status_code == 200
    other = Client(REMOTE_ADDR="127.0.6.2")
    other.cookies["sessionid"] = "0" * 32
    assert other.get("/").status_code == 200


def test_session_that_has_ended_is_taken_away_with_the_first_answer():
    client = invented(7)
    client.get("/")
    assert client.cookies["sessionid"].value == ""


def test_person_gets_so_many_sessions_an_hour():
    make_user("dora@example.org")
    data = {"login": "dora@example.org", "password": PASSWORD}
    answers = [Client().post("/accounts/login/", data).status_code for _ in range(5)]
    assert (answers, number_of_sessions()) == ([302] * 3 + [429] * 2, 3)
