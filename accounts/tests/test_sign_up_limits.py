"""Sign-up at its limits: tries, waits, how many from one place, and where it leads."""

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


def test_wait_for_another_mail_cannot_be_got_round(client, mailoutbox):
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


def test_code_page_is_kept_by_no_cache(client):
    sign_up(client)
    assert "no-store" in client.get(CODE).headers["Cache-Control"]
