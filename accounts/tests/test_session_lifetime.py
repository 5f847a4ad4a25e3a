"""Sessions end: without requests, after a while in all, and sooner for organisers in the admin."""

import time
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AdminAct
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def after(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def log_in(client, user):
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, "remember": "on"})


def is_logged_in(client):
    return client.get("/accounts/email/").status_code == 200


@pytest.mark.parametrize(("days", "lasts"), [(13, True), (14.5, False)])
def test_session_ends_after_fourteen_days_without_a_request(client, stranger, days, lasts):
    log_in(client, stranger)
    with after(days=days):
        assert is_logged_in(client) is lasts


def test_session_that_is_used_ends_after_thirty_days(client, stranger):
    log_in(client, stranger)
    for days in range(3, 30, 3):
        with after(days=days):
            assert is_logged_in(client), days
    with after(days=30.5):
        assert not is_logged_in(client)


def test_ended_session_is_gone(client, stranger):
    log_in(client, stranger)
    key = client.session.session_key
    with after(days=14, hours=12):
        is_logged_in(client)
    assert not import_module(settings.SESSION_ENGINE).SessionStore().exists(key)


@pytest.mark.parametrize(("minutes", "asks"), [(55, False), (61, True)])
def test_admin_asks_again_after_an_hour_without_a_request(client, organiser, minutes, asks):
    log_in(client, organiser)
    with after(minutes=minutes):
        answer = client.get("/admin/")
        assert ("/reauthenticate/" in answer.headers.get("Location", "")) is asks
        assert is_logged_in(client)


def test_admin_that_is_used_asks_again_after_twelve_hours(client, organiser):
    log_in(client, organiser)
    for minutes in range(50, 12 * 60, 50):
        with after(minutes=minutes):
            assert client.get("/admin/").status_code == 200, minutes
    with after(hours=12, minutes=1):
        assert client.get("/admin/").url.startswith("/accounts/reauthenticate/")


def test_admin_opens_again_with_the_password(client, organiser):
    log_in(client, organiser)
    with after(hours=2):
        asked = client.get("/admin/accounts/user/").url
        assert client.post(asked, {"password": PASSWORD}).url == "/admin/accounts/user/"
        assert client.get("/admin/accounts/user/").status_code == 200


def test_admin_asks_for_the_second_factor_where_there_is_one(client, organiser):
    TOTP.activate(organiser, generate_totp_secret())
    log_in_freshly(client, organiser)
    with after(hours=2):
        assert client.get("/admin/").url.startswith("/accounts/2fa/reauthenticate/")


def test_text_typed_in_the_admin_is_there_after_the_password(client, organiser):
    person = make_user("dora@example.org")
    log_in(client, organiser)
    with after(hours=2):
        disable = f"/admin/accounts/user/disable/?people={person.pk}"
        asked = client.post(disable, {"reason": "Typed for an hour"}).url
        client.post(asked, {"password": PASSWORD})
    assert AdminAct.objects.get(act="disable").reason == "Typed for an hour"


def test_text_of_a_sensitive_form_is_there_after_the_password(client, organiser):
    person = make_user("dora@example.org")
    log_in(client, organiser)
    with after(minutes=10):
        disable = f"/admin/accounts/user/disable/?people={person.pk}"
        asked = client.post(disable, {"reason": "Typed for ten minutes"}).url
        client.post(asked, {"password": PASSWORD})
    assert AdminAct.objects.get(act="disable").reason == "Typed for ten minutes"


def test_form_without_a_token_does_not_wait_for_the_password(organiser):
    person = make_user("dora@example.org")
    client = Client(enforce_csrf_checks=True)
    log_in_freshly(client, organiser)
    with after(hours=2):
        answer = client.post(f"/admin/accounts/user/disable/?people={person.pk}", {"reason": "Forged"})
    assert answer.status_code == 403
    assert "account_reauthentication_state" not in client.session


def test_page_that_refreshes_itself_keeps_no_session_alive(client, organiser, conference):
    log_in(client, organiser)
    desk = f"/admin/voting/votes/{conference.pk}/"
    for minutes in range(5, 60, 5):
        with after(minutes=minutes):
            client.get(desk, headers={"HX-Request": "true", "HX-Trigger": "live"})
    with after(minutes=61):
        assert client.get(desk, headers={"HX-Request": "true", "HX-Trigger": "live"}).status_code == 204
        assert "/reauthenticate/" in client.get(desk).url


def test_session_of_before_there_were_lifetimes_goes_on_and_gets_one(client, stranger):
    client.force_login(stranger)
    session = client.session
    del session["session_began"], session["session_seen"]
    session.save()
    assert is_logged_in(client)
    assert abs(client.session["session_began"] - time.time()) < 5


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="sessions are not in the database")
@pytest.mark.parametrize(("staff", "minutes", "writes"), [(False, 600, 0), (True, 4, 0), (True, 6, 1)])
def test_request_writes_the_session_only_now_and_then(client, stranger, staff, minutes, writes):
    type(stranger).objects.filter(pk=stranger.pk).update(is_staff=staff)
    log_in(client, stranger)
    with after(minutes=minutes), CaptureQueriesContext(connection) as queries:
        client.get("/me/")
    assert len([q for q in queries if q["sql"].startswith('UPDATE "django_session"')]) == writes or (
        len([q for q in queries if q["sql"].startswith("UPDATE `django_session`")]) == writes
    )
