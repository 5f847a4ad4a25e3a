"""How long a process that looks after others waits for MariaDB."""

import gc
import multiprocessing
import time

import pytest
from django.db import OperationalError, connection

from confbox.kit.bounded_database import bound_database
from confbox.kit.forking import Forks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="needs MariaDB"),
]
SECONDS = 1
LONGER_SECONDS = 3


@pytest.fixture
def bounded():
    known = connection.settings_dict
    bound_database(SECONDS)
    yield
    connection.close()
    connection.settings_dict = known


def sleep_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("DO SLEEP(%s)", [LONGER_SECONDS])


def test_it_gives_up_a_query_that_takes_too_long(bounded):
    began = time.monotonic()
    with pytest.raises(OperationalError):
        sleep_in_the_database()
    assert time.monotonic() - began < LONGER_SECONDS


def test_what_it_forks_waits_as_the_settings_have_it(bounded):
    done = multiprocessing.Event()

    def sleep_to_the_end():
        sleep_in_the_database()
        done.set()

    threshold = gc.get_threshold()
    forks = Forks()
    forks.begin("sleeping", sleep_to_the_end)
    forks.running["sleeping"].process.join()
    gc.unfreeze()
    gc.set_threshold(*threshold)
    assert done.is_set()
