"""What may use the database is tested on both; the rest once, so it must not use one.

What a page shows is tested on SQLite alone, unless a database decides it.
"""

import pytest
from django.conf import settings
from django.db import connection

from confbox.tests.databases import OF_DATABASES, OF_PAGES
from conferences.models import Conference


@pytest.fixture
def is_on_sqlite_alone(request):
    return bool(request.node.get_closest_marker("on_sqlite"))


def test_a_test_that_asks_for_no_database_is_refused_it():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Conference.objects.exists()


def test_a_test_that_asks_for_a_database_is_marked(db, request):
    assert request.node.get_closest_marker("database")
    assert not Conference.objects.exists()


def test_a_test_that_opens_pages_is_run_on_sqlite_alone(client, db, is_on_sqlite_alone):
    assert is_on_sqlite_alone


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_is_run_on_both(client, is_on_sqlite_alone):
    assert not is_on_sqlite_alone


def test_a_test_that_asks_the_connection_is_run_on_both(client, db, is_on_sqlite_alone):
    assert connection.vendor in ("sqlite", "mysql")
    assert not is_on_sqlite_alone


@pytest.mark.any_database
def test_a_walk_stays_a_walk(client, db, is_on_sqlite_alone):
    assert not is_on_sqlite_alone


def test_a_test_that_opens_no_page_is_run_on_both(db, is_on_sqlite_alone):
    assert not is_on_sqlite_alone


def test_both_lists_name_modules_that_exist():
    modules = {path.stem for path in settings.BASE_DIR.glob("*/**/tests/**/test_*.py")}
    assert not OF_DATABASES & OF_PAGES
    assert modules >= OF_DATABASES | OF_PAGES
