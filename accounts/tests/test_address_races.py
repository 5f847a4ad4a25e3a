"""Addresses confirmed at the same moment, each on a connection of its own."""

import re
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.actions import confirm_address, register_user
from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_user
from accounts.tests.threads import InThread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


def register(number):
    columns = {"name": "Nia", "profession": "", "password_hash": "!"}
    return register_user(email=f"nia{number}@example.org", **columns)


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


def confirmations(mailoutbox, number, address):
    """People who have each asked for the same address, and the code that each was sent."""
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
