"""The contents of the caches as they are in the database or Redis, for a reader with direct access."""

import base64

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection

# For tests that change the clock of the application.
by_our_clock = pytest.mark.skipif(bool(settings.REDIS_URL), reason="Redis forgets by a clock of its own")


def entries(name):
    """Key and pickled value of each entry of a cache."""
    if settings.REDIS_URL:
        redis = caches[name]._cache.get_client()
        return [(key.decode(), redis.get(key)) for key in redis.keys(f"{name}:*")]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cache_key, value FROM {settings.CACHES[name]['LOCATION']}")
        return [(key, base64.b64decode(value)) for key, value in cursor.fetchall()]


def number_of_sessions():
    return len(entries("sessions")) if settings.REDIS_URL else Session.objects.count()
