"""Roles and accounts that two superusers or organisers change at the same time."""

from threading import Barrier

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from accounts import actions
from accounts.actors import Actor
from accounts.admin import RoleAdmin
from accounts.models import DisabledMailbox, User
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.threads import InThread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def add_role_at_once(db, monkeypatch):
    """Both have passed the check of the name before either writes."""
    checked, save = Barrier(2), RoleAdmin.save_model

    def save_together(*args, **options):
        checked.wait(10)
        save(*args, **options)

    monkeypatch.setattr(RoleAdmin, "save_model", save_together)
    people = [make_user(f"root{n}@example.org", is_staff=True, is_superuser=True) for n in range(2)]
    clients = [log_in_freshly(Client(raise_request_exception=False), person) for person in people]

    def run():
        add = "/admin/auth/group/add/"
        threads = [InThread(lambda c=c: c.post(add, {"name": "Reviewers"})) for c in clients]
        return [thread.finish().result for thread in threads]

    return run


def test_a_role_that_two_add_at_once_is_refused_in_words_to_one(add_role_at_once):
    answers = add_role_at_once()
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    refused = next(answer for answer in answers if answer.status_code == 200)
    assert "name" in refused.context["adminform"].form.errors
    assert Group.objects.filter(name="Reviewers").count() == 1


def test_control_without_a_second_look_the_second_role_is_an_error(add_role_at_once, monkeypatch):
    monkeypatch.setattr(RoleAdmin, "changeform_view", ModelAdmin.changeform_view)
    assert sorted(answer.status_code for answer in add_role_at_once()) == [302, 500]


def at_once(calls):
    return [thread.finish().error for thread in [InThread(call) for call in calls]]


def test_accounts_of_one_mailbox_disabled_at_once_are_all_disabled(db):
    for turn in range(5):
        people = [make_user(f"dora{turn}+{n}@example.org") for n in range(6)]
        acts = [
            lambda user=user: actions.disable_user(user=user, by=Actor.of_command(), reason="One person")
            for user in people
        ]
        assert at_once(acts) == [None] * 6
    assert DisabledMailbox.objects.count() == 5
    assert not User.objects.filter(is_active=True).exists()


def test_a_person_made_an_organiser_by_several_at_once_has_the_role_once(roles):
    make_user("olga@example.org")
    acts = [lambda: actions.make_organiser(email="olga@example.org", name="Olga", by=Actor.of_command())] * 6
    assert at_once(acts) == [None] * 6
    assert User.groups.through.objects.count() == 1
