"""Addresses confirmed at the same moment, each on a connection of its own."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from accounts.actions import confirm_address, register_user
from accounts.models import User
from accounts.tests.factories import make_user
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
