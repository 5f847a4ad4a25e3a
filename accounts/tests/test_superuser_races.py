"""Two superusers who disable each other at the same time, each on a connection of their own."""

from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection

from accounts import actions
from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import make_user
from confbox.kit.tests.threads import InThread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


def left_after_both_disable_each_other(turn):
    one, two = (make_user(f"root{turn}-{n}@example.org", is_staff=True, is_superuser=True) for n in range(2))
    acts = [
        InThread(lambda a=a, b=b: actions.disable_user(user=a, by=Actor(b), reason="race"))
        for a, b in ((one, two), (two, one))
    ]
    errors = {type(act.finish().error) for act in acts} - {type(None), ValidationError}
    left = User.objects.filter(is_superuser=True, is_active=True).count()
    User.objects.filter(is_superuser=True).update(is_superuser=False)
    return left, errors


def test_one_superuser_is_always_left():
    assert [left_after_both_disable_each_other(turn) for turn in range(8)] == [(1, set())] * 8


def test_without_the_lock_none_is_left_or_one_gets_an_error(monkeypatch):
    looked = Barrier(2)

    def look_without_a_lock(*, but):
        assert User.objects.filter(is_superuser=True, is_active=True).exclude(pk=but.pk).exists()
        looked.wait(10)

    monkeypatch.setattr(actions, "check_superuser_remains", look_without_a_lock)
    left, errors = left_after_both_disable_each_other(0)
    assert left == 0 or errors == {OperationalError}
