"""What a test that commits leaves behind: nothing but content types and permissions, as they were."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from confbox.tests.empty_tables import KEPT, empty_tables, rows
from confbox.tests.snapshots import Snapshot

pytestmark = pytest.mark.django_db(transaction=True)


def end_test():
    TransactionTestCase()._fixture_teardown()


def tables_with_rows():
    with Snapshot() as snapshot:
        return {table for table, count in snapshot.counts().items() if count}


@pytest.fixture
def as_written():
    empty_tables()
    return rows()


def test_only_content_types_and_permissions_stay(as_written, as_organiser, alice):
    tables = tables_with_rows()
    end_test()
    assert len(tables) > 8
    assert tables_with_rows() & set(connection.introspection.django_table_names()) == {
        model._meta.db_table for model in KEPT
    }
    assert rows() == as_written


def test_they_are_not_written_anew(as_written, alice):
    with CaptureQueriesContext(connection) as queries:
        end_test()
    assert not [query["sql"] for query in queries if query["sql"].startswith("INSERT")]


@pytest.mark.parametrize("change", [{"name": "Renamed"}, None], ids=["renamed", "deleted"])
def test_what_a_test_has_changed_of_them_is_written_anew(as_written, change):
    names = sorted(Permission.objects.values_list("codename", "name"))
    found = Permission.objects.filter(codename="add_user")
    assert found.update(**change) if change else found.delete()
    end_test()
    assert sorted(Permission.objects.values_list("codename", "name")) == names


@pytest.mark.parametrize("renamed", ["Renamed", ""], ids=["all tables anew", "rows only"])
def test_no_cache_keeps_an_entry(as_written, renamed):
    if renamed:
        Permission.objects.filter(codename="add_user").update(name=renamed)
    for name in settings.CACHES:
        caches[name].set("key", "content")
    end_test()
    assert not [name for name in settings.CACHES if caches[name].get("key")]
