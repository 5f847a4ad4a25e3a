"""Data kept between two requests has a store of its own, with one place per owner."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from confbox.kit.limits import Limit, LimitReached, count_use_for
from confbox.kit.temporary_storage import delete_expired, delete_saved, save_temporarily, saved_temporarily
from confbox.kit.tests.stores import by_our_clock

pytestmark = pytest.mark.django_db

ONCE = Limit("once", person="1/d")


def keep(owner, version="v", content=b"content"):
    save_temporarily("kind", owner, version=version, content=content, seconds=60, name="n")


def test_what_is_kept_is_found_by_owner_and_version():
    keep(1)
    assert saved_temporarily("kind", 1, version="v") == (b"content", {"name": "n"})
    assert saved_temporarily("kind", 1, version="w") is None
    assert saved_temporarily("kind", 2, version="v") is None
    assert saved_temporarily("other", 1, version="v") is None


def test_second_thing_takes_the_place_of_the_first():
    keep(1, "v")
    keep(1, "w")
    assert saved_temporarily("kind", 1, version="v") is None
    assert saved_temporarily("kind", 1, version="w")


def test_what_is_dropped_is_gone():
    keep(1)
    delete_saved("kind", 1)
    assert saved_temporarily("kind", 1, version="v") is None


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="a Redis that is full has a rule of its own")
def test_full_store_pushes_no_count_of_the_throttle_out(settings):
    caches = {name: dict(store) for name, store in settings.CACHES.items()}
    caches["kept"] |= {"OPTIONS": {"MAX_ENTRIES": 3}}
    settings.CACHES = caches
    cache.clear()
    count_use_for(ONCE, person="7")
    for owner in range(20):
        keep(owner)
    assert saved_temporarily("kind", 0, version="v") is None
    with pytest.raises(LimitReached):
        count_use_for(ONCE, person="7")


@by_our_clock
def test_what_is_over_is_forgotten_and_the_rest_stays():
    keep(1)
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        keep(2)
    delete_expired()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM kept")
        assert cursor.fetchone() == (1,)
    assert saved_temporarily("kind", 1, version="v")
