"""The cast of every test: one conference with open voting and the people around it.

Alice, Bob and Carol are members; the stranger has an account and has joined nothing; the organiser is staff
in the group Organisers and not a superuser.
"""

import gc
import inspect
import os
import sqlite3
from contextlib import closing

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import setting_changed
from django.db import connection
from django.db.backends.signals import connection_created
from django.test.client import ClientHandler
from django.utils import translation

from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from accounts.tests.roles import make_roles
from confbox.kit.limits import here
from confbox.tests.databases import is_of_a_page
from conferences.tests.factories import make_conference, make_membership

pytest_plugins = ["confbox.tests.empty_tables", "confbox.tests.recorded_pages", "confbox.tests.workers"]
OPENS_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if may_use_database(item):
            item.add_marker("database")
            if not item.get_closest_marker("any_database") and is_of_a_page(item):
                item.add_marker("on_sqlite")
            elif item.get_closest_marker("any_database") and item.get_closest_marker("on_sqlite"):
                raise pytest.UsageError(f"{item.nodeid} would be tested on no database.")


def pytest_collection_finish():
    """What has been imported and collected stays until the end: the garbage collector need not look at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """With MIGRATED_SQLITE, the database in memory begins as a copy of that file, which has been migrated."""
    path = os.environ.get("MIGRATED_SQLITE")
    if not path or connection.vendor != "sqlite":
        return

    def copy(sender, connection, **_signal):
        connection_created.disconnect(copy)
        with closing(sqlite3.connect(path)) as migrated:
            migrated.backup(connection.connection)

    connection_created.connect(copy, weak=False)


def may_use_database(item):
    """All other tests are refused a database by pytest-django, so they run on one of the two only.

    A test may also choose its fixtures as it runs, or ask which database this is and start a server.
    """
    return bool(
        item.get_closest_marker("django_db")
        or OPENS_DATABASE.intersection(item.fixturenames)
        or "request" in inspect.signature(item.function).parameters
        or getattr(item.module, "connection", None) is connection
    )


@pytest.fixture(autouse=True, scope="session")
def middleware_is_loaded_once():
    """All clients share their middleware until a setting changes, as all requests of a process do."""
    load, loaded = ClientHandler.load_middleware, {}

    def share(handler, is_async=False):
        if not loaded:
            load(handler, is_async)
            loaded.update({name: value for name, value in vars(handler).items() if "middleware" in name})
        vars(handler).update(loaded)

    def forget(**_signal):
        loaded.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", share)
        yield


@pytest.fixture(autouse=True)
def _ballots_as_of_now(monkeypatch):
    """Otherwise a ballot could have the candidates of the test before."""
    monkeypatch.setattr("voting.elections.ballot.IDS_SECONDS", 1e-9)


@pytest.fixture
def roles(db):
    make_roles()


@pytest.fixture
def conference(db):
    return make_conference(title="Open Conf", slug="open-conf", voting="open")


@pytest.fixture
def alice(conference):
    return make_membership(conference, name="Alice")


@pytest.fixture
def bob(conference):
    return make_membership(conference, name="Bob")


@pytest.fixture
def carol(conference):
    return make_membership(conference, name="Carol")


@pytest.fixture
def stranger(db):
    return make_user("stranger@example.org", name="Stranger")


@pytest.fixture
def organiser(roles):
    return make_organiser("organiser@example.org")


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice.user)
    return client


@pytest.fixture
def as_stranger(client, stranger):
    client.force_login(stranger)
    return client


@pytest.fixture
def as_organiser(client, organiser):
    return log_in_freshly(client, organiser)


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    """Resets what this process has counted and what Redis keeps: no rollback undoes either."""
    here.clear()
    if settings.REDIS_URL:
        cache.clear()


@pytest.fixture(autouse=True)
def _site_language():
    """The active language of a request stays with its thread, which also runs the next test."""
    yield
    translation.deactivate()
