"""Limits of sign-up: tries, waits, how many from one network, and where it leads."""

import pytest
from django.core.cache import cache

from accounts.tests.test_sign_up import CODE, codes, is_logged_in, later, sign_up, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def test_after_three_wrong_tries_a_new_code_works(client, mailoutbox):
    sign_up(client)
    for _ in range(3):
        client.post(CODE, {"code": wrong(codes(mailoutbox)[0])})
    with later(seconds=31):
        client.post(f"{CODE}resend/")
        client.post(CODE, {"code": codes(mailoutbox)[1]})
    assert is_logged_in(client)


def test_wait_for_another_email_cannot_be_got_round(client, mailoutbox):
    sign_up(client)
    sign_up(type(client)())
    client.post("/accounts/signup/address/", {"email": "nia@example.org"})
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("asked", "there"),
    [("/conferences/open-conf/", "/conferences/open-conf/"), ("//evil.example", "/me/")],
)
def test_sign_up_returns_to_where_the_person_came_from_and_never_off_the_site(
    client, mailoutbox, asked, there
):
    sign_up(client, next=asked)
    assert client.post(CODE, {"code": codes(mailoutbox)[0]}).url == there


def is_slow(client):
    return client.get("/accounts/login/lane/").headers["X-Login-Queue"] == "suspects"


@pytest.mark.parametrize("kind", ["one mailbox", "no form", "wrong code"])
def test_network_whose_sign_ups_come_to_nothing_waits_apart(client, mailoutbox, kind):
    sign_up(client)
    for number in range(21):
        if kind == "one mailbox":
            sign_up(type(client)(), email=f"nia+{number}@example.org")
        elif kind == "no form":
            sign_up(type(client)(), name="", email="")
        else:
            client.post(CODE, {"code": wrong(codes(mailoutbox)[0])})
    assert is_slow(type(client)())


def test_room_that_signs_up_earns_the_tries_of_those_who_mistype(client, mailoutbox):
    for number in range(20):
        person, email = type(client)(), f"person{number}@example.org"
        sign_up(person, email=email, name="")
        sign_up(person, email=email)
        person.post(CODE, {"code": codes(mailoutbox, email)[0]})
        sign_up(type(client)(), email=email, name="")
    assert not is_slow(type(client)())


def test_code_page_is_kept_by_no_cache(client):
    sign_up(client)
    assert "no-store" in client.get(CODE).headers["Cache-Control"]
