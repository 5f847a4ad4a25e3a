"""Every table has a stated retention period, and what has expired is deleted each night."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.tests.factories import make_user
from confbox.kit.tests.queues import IN_DATABASE

pytestmark = pytest.mark.django_db

STATED = (settings.BASE_DIR / "docs/retention.md").read_text()
FIRST_CELLS = " ".join(re.findall(r"^\|(.+?)\|", STATED, re.MULTILINE))
TABLES, STORES = set(re.findall(r"`(\w+)`", FIRST_CELLS)), {"cache", "kept", "answers"}


def test_every_table_has_a_stated_period_and_no_other_is_named():
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert models | STORES == TABLES


def test_every_cache_in_the_database_has_a_stated_period():
    stores = settings.CACHES.values()
    assert {s["LOCATION"] for s in stores if s["BACKEND"].endswith(".DatabaseCache")} <= STORES


def test_nightly_timer_tidies():
    service = (settings.BASE_DIR / "deploy/systemd/conferencebox-nightly.service").read_text()
    assert re.search(r"^ExecStart=\S+python manage\.py tidy$", service, re.MULTILINE)


@pytest.fixture
def log_ins(client):
    """One log-in that is open and one whose session has expired."""
    keys = []
    for name in ("open", "ended"):
        client.force_login(make_user(f"{name}@example.org"))
        key = client.session.session_key
        user = {"user_id": client.session["_auth_user_id"], "session_key": key}
        UserSession.objects.get_or_create(
            session_key=key, defaults=user | {"ip": "192.0.2.1", "user_agent": "x"}
        )
        keys.append(key)
        client.cookies.clear()
    Session.objects.filter(session_key=keys[1]).update(expire_date=timezone.now() - timedelta(days=1))
    return keys


def test_log_ins_that_ended_are_removed_and_open_ones_stay(log_ins):
    call_command("tidy", verbosity=0)
    assert list(UserSession.objects.values_list("session_key", flat=True)) == log_ins[:1]
    assert list(Session.objects.values_list("session_key", flat=True)) == log_ins[:1]


@pytest.mark.parametrize("queue", ["mail", "default", "campaigns"])
def test_finished_work_of_every_queue_is_removed_after_two_weeks(settings, queue):
    settings.TASKS = IN_DATABASE
    finished = timezone.now() - timedelta(days=15)
    shared = {"queue_name": queue, "task_path": "confbox.kit.email_sending.deliver_email", "args_kwargs": {}}
    shared |= {"backend_name": "default", "status": "SUCCESSFUL"}
    old = DBTaskResult.objects.create(**shared, finished_at=finished)
    new = DBTaskResult.objects.create(**shared, finished_at=timezone.now())
    call_command("tidy", verbosity=0)
    assert list(DBTaskResult.objects.filter(pk__in=[old.pk, new.pk])) == [new]
