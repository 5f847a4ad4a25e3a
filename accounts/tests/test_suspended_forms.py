"""A form that waits until its sender has entered the password again: what is saved, and for how long."""

import zlib
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache, caches
from django.db import connection
from django.utils import timezone

from accounts.models import AdminAct
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user

REASON = "Typed for ten minutes"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()
    caches["kept"].clear()


def after(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


@pytest.fixture
def asked(client, organiser):
    """The page that asks the organiser for the password before the form is processed."""
    person = make_user("dora@example.org")
    client.cookies["plain"] = "a-cookie-of-this-browser"
    log_in_freshly(client, organiser)
    with after(minutes=10):
        answer = client.post(f"/admin/accounts/user/disable/?people={person.pk}", {"reason": REASON})
        assert "/reauthenticate/" in answer.url
        yield answer.url


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM kept")
        return [row[0] for row in cursor.fetchall()]


def test_session_holds_neither_the_form_nor_the_request(client, asked):
    stored = str(Session.objects.get(session_key=client.session.session_key).get_decoded())
    found = [word for word in (REASON, "a-cookie-of-this-browser", "REMOTE_ADDR", "csrf") if word in stored]
    assert found == []


def test_form_that_waits_is_encrypted(asked):
    packed = [caches["kept"].get(f"suspended-form:{key}") for key in keys_of_suspended()]
    contents = [zlib.decompress(one["content"]) for one in packed]
    assert len(contents) == 1
    assert contents[0].startswith(b"g1.")


def keys_of_suspended():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM kept")
        return [row[0].split("suspended-form:")[1] for row in cursor.fetchall()]


def test_form_is_handled_once_and_then_forgotten(client, asked):
    client.post(asked, {"password": PASSWORD})
    client.post(asked, {"password": PASSWORD})
    assert list(AdminAct.objects.filter(act="disable").values_list("reason", flat=True)) == [REASON]
    assert kept() == []


def test_form_is_dropped_once_another_takes_its_place(client, asked):
    client.post("/admin/accounts/user/disable/?people=5", {"reason": "Another"})
    assert len(kept()) == 1


def test_form_waits_for_an_hour_and_no_longer(client, asked):
    with after(hours=1, minutes=1):
        client.get("/admin/")
        answer = client.post(asked, {"password": PASSWORD})
    assert answer.status_code == 302
    assert not AdminAct.objects.filter(act="disable").exists()
