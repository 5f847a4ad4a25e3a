"""What may use the database is tested on both; the rest once, so it must not use one."""

import pytest

from conferences.models import Conference


def test_a_test_that_asks_for_no_database_is_refused_it():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Conference.objects.exists()


def test_a_test_that_asks_for_a_database_is_marked(db, request):
    assert request.node.get_closest_marker("database")
    assert not Conference.objects.exists()
