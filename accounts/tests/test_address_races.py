"""Email addresses confirmed at the same time, each on a connection of its own."""

import re
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client

from accounts.actions import confirm_address, register_user
from accounts.actors import Actor
from accounts.linked_addresses import link_address
from accounts.models import LinkedAddress, User
from accounts.providers.actions import connect_log_in
from accounts.providers.identities import Identity
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


def register(number):
    columns = {"name": "Nia", "profession": "", "password_hash": "!"}
    return register_user(email=f"nia{number}@example.org", **columns, by=Actor(None))


def test_people_who_sign_up_at_once_do_not_lock_each_other_out():
    for turn in range(5):
        threads = [InThread(lambda n=10 * turn + n: register(n)) for n in range(8)]
        assert [thread.finish().error for thread in threads] == [None] * 8
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == User.objects.count() == 40


def test_one_address_confirmed_at_once_is_one():
    for turn in range(5):
        user = make_user(f"dora{turn}@example.org", confirmed=False)
        threads = [InThread(lambda user=user: confirm_address(user=user)) for _ in range(8)]
        assert [thread.finish().error for thread in threads] == [None] * 8
        assert EmailAddress.objects.filter(user=user, verified=True, primary=True).count() == 1


def test_many_people_confirmed_at_once_are_all_confirmed():
    people = [make_user(f"dora{n}@example.org", confirmed=False) for n in range(24)]
    threads = [InThread(lambda user=user: confirm_address(user=user)) for user in people]
    assert [thread.finish().error for thread in threads] == [None] * 24
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 24


def test_one_address_linked_in_several_browsers_at_once_is_linked_once():
    user = make_user("dora@example.org")
    threads = [InThread(lambda: link_address(email="ticket@example.org", by=Actor(user))) for _ in range(8)]
    assert [thread.finish().error for thread in threads] == [None] * 8
    assert [thread.result for thread in threads].count(Change.MADE) == 1
    assert LinkedAddress.objects.filter(user=user).count() == 1


def confirmations(mailoutbox, number, address):
    """People who have each asked for the same email address, and the code that each was sent."""
    found = []
    for n in range(number):
        user = make_user(f"dora{n}.{address}")
        client = log_in_freshly(Client(), user)
        cache.clear()
        client.post("/accounts/email/", {"email": address, "action_add": ""})
        found.append((client, re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]))
    return found


def test_new_address_that_several_confirm_at_once_is_one_persons(mailoutbox):
    for turn in range(4):
        address = f"new{turn}@example.org"
        asked = confirmations(mailoutbox, 4, address)
        ready = Barrier(4)

        def confirm(client, code, ready=ready):
            ready.wait(10)
            return client.post("/accounts/confirm-email/", {"code": code}, follow=True)

        threads = [InThread(lambda c=client, d=code: confirm(c, d)) for client, code in asked]
        finished = [thread.finish() for thread in threads]
        assert [thread.error for thread in finished] == [None] * 4
        pages = [thread.result.content.decode() for thread in finished]
        assert ["already" in page for page in pages].count(True) == 3
        assert User.objects.filter(email=address).count() == 1
        assert EmailAddress.objects.filter(email=address, verified=True).count() == 1


def signed_up(mailoutbox, number, address):
    """People who have each signed up with the same email address, and the code that each was sent."""
    found = []
    for _ in range(number):
        client = Client(raise_request_exception=False)
        cache.clear()
        client.post("/accounts/signup/", {"name": "Nia Okoye", "email": address, "password1": PASSWORD})
        found.append((client, re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]))
    return found


@pytest.fixture
def insert_together(monkeypatch):
    """All have checked whether the email address is free before any of them stores a person."""
    ready, save = Barrier(4), User.save

    def save_together(self, *args, **options):
        if self.pk is None:
            ready.wait(10)
        return save(self, *args, **options)

    monkeypatch.setattr(User, "save", save_together)


@pytest.mark.usefixtures("insert_together")
def test_sign_ups_with_one_address_confirmed_at_once_make_one_person(mailoutbox):
    asked = signed_up(mailoutbox, 4, "nia@example.org")
    threads = [
        InThread(lambda c=client, d=code: c.post("/accounts/signup/code/", {"code": d}))
        for client, code in asked
    ]
    answers = [thread.finish().result for thread in threads]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
    refused = [answer.content.decode() for answer in answers if answer.status_code == 200]
    assert ["There is already an account with this email address." in page for page in refused] == [True] * 3
    assert User.objects.filter(email="nia@example.org").count() == 1
    assert EmailAddress.objects.filter(email="nia@example.org").count() == 1


@pytest.mark.usefixtures("insert_together")
def test_control_the_database_alone_refuses_the_others_with_an_error(db):
    threads = [InThread(lambda: User(email="nia@example.org", name="Nia").save()) for _ in range(4)]
    errors = [type(thread.finish().error) for thread in threads]
    assert sorted(map(str, errors)) == sorted(map(str, [type(None), *[IntegrityError] * 3]))


def test_one_person_who_confirms_a_new_address_in_two_browsers_at_once_has_it_once(mailoutbox):
    user = make_user("dora@example.org")
    asked = []
    for _ in range(2):
        client = log_in_freshly(Client(raise_request_exception=False), user)
        cache.clear()
        client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
        asked.append((client, re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]))
    threads = [
        InThread(lambda c=client, d=code: c.post("/accounts/confirm-email/", {"code": d}))
        for client, code in asked
    ]
    assert {thread.finish().result.status_code for thread in threads} <= {200, 302}
    assert list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)) == [
        "new@example.org"
    ]


def as_one_person(number):
    return Identity("oidc", f"uid{number}", "", is_confirmed=False, name="", shown={})


def test_one_log_in_connected_in_several_browsers_at_once_is_connected_once():
    user = make_user("dora@example.org")
    threads = [InThread(lambda: connect_log_in(identity=as_one_person(1), by=Actor(user))) for _ in range(8)]
    assert [thread.finish().error for thread in threads] == [None] * 8
    assert [thread.result for thread in threads].count(Change.MADE) == 1
    assert SocialAccount.objects.filter(user=user).count() == 1


def test_one_log_in_that_several_people_connect_at_once_is_one_persons():
    for turn in range(4):
        people, identity = [make_user(f"d{turn}.{n}@example.org") for n in range(4)], as_one_person(turn)
        threads = [
            InThread(lambda user=user, identity=identity: connect_log_in(identity=identity, by=Actor(user)))
            for user in people
        ]
        errors = [thread.finish().error for thread in threads]
        assert [type(error) for error in errors].count(ValidationError) == 3
        assert SocialAccount.objects.filter(uid=identity.uid).count() == 1


@pytest.fixture
def connect_together(monkeypatch):
    ready, save = Barrier(4), SocialAccount.save

    def save_together(self, *args, **options):
        ready.wait(10)
        return save(self, *args, **options)

    monkeypatch.setattr(SocialAccount, "save", save_together)


@pytest.mark.usefixtures("connect_together")
def test_control_the_database_alone_refuses_a_second_connection_with_an_error():
    rows = [
        SocialAccount(user=make_user(f"dora{n}@example.org"), provider="oidc", uid="uid") for n in range(4)
    ]
    errors = [type(thread.finish().error) for thread in [InThread(row.save) for row in rows]]
    assert sorted(map(str, errors)) == sorted(map(str, [type(None), *[IntegrityError] * 3]))
