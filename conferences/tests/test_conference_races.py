"""Two organisers who give two conferences the same slug at the same time."""

from threading import Barrier

import pytest
from django.contrib.admin import ModelAdmin
from django.db import connection
from django.test import Client

from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread
from conferences.admin import ConferenceAdmin
from conferences.models import Conference
from conferences.tests.test_conference_admin import LIST, NEW

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def add_at_once(roles, monkeypatch):
    """Both have passed the check of the slug before either writes."""
    checked, save = Barrier(2), ConferenceAdmin.save_model

    def save_together(*args, **options):
        checked.wait(10)
        save(*args, **options)

    monkeypatch.setattr(ConferenceAdmin, "save_model", save_together)
    people = [make_organiser(f"organiser{n}@example.org") for n in range(2)]
    clients = [log_in_freshly(Client(raise_request_exception=False), person) for person in people]

    def add(client, title):
        return client.post(f"{LIST}add/", NEW | {"title": title})

    def run():
        pairs = zip(clients, ("PyCon", "PyCon EU"), strict=True)
        threads = [InThread(lambda c=client, t=title: add(c, t)) for client, title in pairs]
        return [thread.finish() for thread in threads]

    return run


def test_an_address_that_two_take_at_once_is_refused_in_words_to_one(add_at_once):
    finished = add_at_once()
    assert [thread.error for thread in finished] == [None, None]
    assert sorted(thread.result.status_code for thread in finished) == [200, 302]
    refused = next(thread.result for thread in finished if thread.result.status_code == 200)
    assert "slug" in refused.context["adminform"].form.errors
    assert "PyCon" in parse(refused).attributes("#id_title", "value")[0]
    assert Conference.objects.count() == 1


def test_control_without_a_second_look_one_meets_the_refusal_of_the_database(add_at_once, monkeypatch):
    monkeypatch.setattr(ConferenceAdmin, "changeform_view", ModelAdmin.changeform_view)
    assert sorted(thread.result.status_code for thread in add_at_once()) == [302, 500]
