"""Every table has a stated retention period, and what has expired is deleted each night."""

import os
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

from accounts.models import User
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


FOLDERS = {
    name for name in dir(settings) if re.search("_(ROOT|DIR|FILE_PATH)$", name) and getattr(settings, name)
}
# The program itself; and what holds the others, the database, and files that are replaced.
DO_NOT_GROW = {"BASE_DIR", "STATIC_ROOT", "VAR_DIR"}


def test_every_folder_has_a_stated_period_unless_it_does_not_grow():
    stated = set(re.findall(r"^\| ([A-Z_]+) \|", STATED, re.MULTILINE))
    assert stated == FOLDERS - DO_NOT_GROW


@pytest.fixture
def pictures(settings, tmp_path):
    """Of one account, of one that is gone, and one that is just being set; each in both sizes."""
    settings.MEDIA_ROOT = tmp_path
    folder = tmp_path / "pictures"
    folder.mkdir()
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for name in ("kept", "gone", "new"):
        for file in (folder / f"{name}.webp", folder / f"{name}-small.webp"):
            file.write_bytes(b"x")
            os.utime(file, (old, old) if name != "new" else None)
    User.objects.filter(pk=make_user("a@example.org").pk).update(picture="pictures/kept.webp")
    return folder


def test_pictures_that_no_account_has_are_removed_and_others_stay(pictures):
    call_command("tidy", verbosity=0)
    left = {file.name for file in pictures.iterdir()}
    assert left == {f"{name}{size}.webp" for name in ("kept", "new") for size in ("", "-small")}


def test_nightly_timer_tidies():
    service = (settings.BASE_DIR / "deploy/systemd/conferencebox-nightly.service").read_text()
    assert re.search(r"^ExecStart=-.+python manage\.py tidy$", service, re.MULTILINE)


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
