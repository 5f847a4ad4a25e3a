"""What waits between two requests has a place of its own, and one for each owner."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts.kept import drop_one, forget_expired, keep_one, kept_one
from accounts.limits import Limit, LimitReached, spend_for

pytestmark = pytest.mark.django_db

ONCE = Limit("once", person="1/d")


def keep(owner, version="v", content=b"content"):
    keep_one("kind", owner, version=version, content=content, seconds=60, name="n")


def test_what_is_kept_is_found_by_owner_and_version():
    keep(1)
    assert kept_one("kind", 1, version="v") == (b"content", {"name": "n"})
    assert kept_one("kind", 1, version="w") is None
    assert kept_one("kind", 2, version="v") is None
    assert kept_one("other", 1, version="v") is None


def test_second_thing_takes_the_place_of_the_first():
    keep(1, "v")
    keep(1, "w")
    assert kept_one("kind", 1, version="v") is None
    assert kept_one("kind", 1, version="w")


def test_what_is_dropped_is_gone():
    keep(1)
    drop_one("kind", 1)
    assert kept_one("kind", 1, version="v") is None


def test_full_store_pushes_no_count_of_the_throttle_out(settings):
    caches = {name: dict(store) for name, store in settings.CACHES.items()}
    caches["kept"] |= {"OPTIONS": {"MAX_ENTRIES": 3}}
    settings.CACHES = caches
    cache.clear()
    spend_for(ONCE, person="7")
    for owner in range(20):
        keep(owner)
    assert kept_one("kind", 0, version="v") is None
    with pytest.raises(LimitReached):
        spend_for(ONCE, person="7")


def test_what_is_over_is_forgotten_and_the_rest_stays():
    keep(1)
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        keep(2)
    forget_expired()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM kept")
        assert cursor.fetchone() == (1,)
    assert kept_one("kind", 1, version="v")
