"""Second factors that one person sets up in two places at the same time."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import connection

from accounts import enrolment
from accounts.tests.factories import make_user
from accounts.tests.second_factors import CODES, another_tab, browser_of, form_of_app, form_of_key
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def person(db):
    return make_user("guarded@example.org")


@pytest.fixture
def store_together(monkeypatch):
    """Both have read what the person has before either stores, unless one has to wait for the other."""
    ready = Barrier(2)

    def together(call):
        def storing(*args, **options):
            with suppress(BrokenBarrierError):
                ready.wait(2)
            return call(*args, **options)

        return storing

    for kind, verb in ((TOTP, "activate"), (WebAuthn, "add")):
        monkeypatch.setattr(kind, verb, together(getattr(kind, verb)))


@pytest.fixture
def without_the_lock(monkeypatch):
    monkeypatch.setattr(enrolment, "lock_person", lambda person: None)


def app_of(client):
    return client, *form_of_app(client)


def key_of(client):
    return client, *form_of_key(client)


def two_apps(person):
    return app_of(browser_of(person)), app_of(browser_of(person))


def one_key_twice(person):
    client, page, typed = key_of(browser_of(person))
    return (client, page, typed), (another_tab(client), page, typed)


def send_at_once(*sent):
    threads = [InThread(lambda c=c, p=p, d=d: c.post(p, d, follow=True)) for c, p, d in sent]
    finished = [thread.finish() for thread in threads]
    assert [thread.error for thread in finished] == [None] * len(sent)
    return [thread.result for thread in finished]


def stored(person):
    return sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))


@pytest.mark.usefixtures("store_together")
def test_two_apps_activated_at_once_are_one_and_the_other_is_notified(person):
    answers = send_at_once(*two_apps(person))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert stored(person) == ["recovery_codes", "totp"]
    shown = ["You already have an authenticator app." in parse(answer).text for answer in answers]
    assert sorted(shown) == [False, True]


@pytest.mark.usefixtures("store_together", "without_the_lock")
def test_control_without_the_lock_a_person_has_two_apps(person):
    send_at_once(*two_apps(person))
    assert stored(person).count("totp") == 2


@pytest.mark.usefixtures("store_together")
def test_one_passkey_sent_twice_at_once_is_added_once_and_the_other_is_notified(person):
    answers = send_at_once(*one_key_twice(person))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert stored(person) == ["recovery_codes", "webauthn"]
    shown = [
        "You have already added this passkey or security key." in parse(answer).text for answer in answers
    ]
    assert sorted(shown) == [False, True]


@pytest.mark.usefixtures("store_together", "without_the_lock")
def test_control_without_the_lock_a_passkey_is_added_twice(person):
    send_at_once(*one_key_twice(person))
    assert stored(person).count("webauthn") == 2


@pytest.mark.usefixtures("store_together")
def test_app_and_passkey_added_at_once_make_one_set_of_recovery_codes(person):
    answers = send_at_once(app_of(browser_of(person)), key_of(browser_of(person)))
    assert [answer.status_code for answer in answers] == [200, 200], answers
    assert stored(person) == ["recovery_codes", "totp", "webauthn"]


def test_recovery_codes_made_anew_at_once_are_one_set(person):
    TOTP.activate(person, generate_totp_secret())
    answers = send_at_once(*[(browser_of(person), CODES, {}) for _ in range(4)])
    assert [answer.status_code for answer in answers] == [200] * 4
    assert stored(person) == ["recovery_codes", "totp"]
