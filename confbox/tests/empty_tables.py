"""Empties the tables after a test that commits, in a tenth of the time that Django takes.

Django also deletes the rows of content types and permissions, and then has every app write them anew. Here
they stay, unless a test has changed them.
"""

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

KEPT = [ContentType, Permission]
# As Django has written them.
written = []


def empty_tables():
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables -= {model._meta.db_table for model in KEPT}
    if not written or rows() != written:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        written[:] = rows()
        tables = set()
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(tables | cache_tables())))


def cache_tables():
    """They belong to no model, so that Django would leave their rows to the next tests."""
    stores = [store for store in settings.CACHES.values() if store["BACKEND"].endswith(".DatabaseCache")]
    return {store["LOCATION"] for store in stores}


def rows():
    return [list(model.objects.order_by("pk").values_list()) for model in KEPT]


@pytest.fixture(autouse=True, scope="session")
def _content_types_stay():
    """There is no public way to say what a test that commits does at its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_tables())
        yield
