"""Limits, sessions and temporary data also work in a real Redis, with the settings for `REDIS_URL`."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection  # noqa: F401 (a mark below asks for it)
from django.test import Client
from redis import Redis

from accounts.tests.factories import PASSWORD
from confbox.kit.tests.page import parse
from confbox.tests.redis_server import is_installed, running_redis

pytestmark = pytest.mark.skipif(
    not is_installed() and not os.environ.get("CI"), reason="redis-server is not installed"
)

FILES = [
    "accounts/tests/test_codes.py",
    "accounts/tests/test_limits.py",
    "accounts/tests/test_session_lifetime.py",
    "accounts/tests/test_session_limits.py",
    "accounts/tests/test_sessions.py",
    "accounts/tests/test_throttle.py",
    "confbox/kit/tests/test_limit_pages.py",
    "confbox/kit/tests/test_temporary_storage.py",
    "confbox/tests/test_form_recovery.py",
    "confbox/tests/test_repeated_forms.py",
]


@pytest.fixture
def redis_url(tmp_path):
    with running_redis(tmp_path) as url:
        yield url


@pytest.fixture
def stores_in_redis(redis_url, settings):
    there = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
    settings.CACHES = {name: there | {"KEY_PREFIX": name} for name in settings.CACHES}
    settings.SESSION_ENGINE = "accounts.cached_sessions"
    return Redis.from_url(redis_url)


@pytest.mark.slow
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="once is enough")
def test_limits_and_memories_hold_in_redis(redis_url):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "--tb=short", "-m", "not slow", *FILES]
    run = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=os.environ | {"REDIS_URL": redis_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-10_000:] + run.stderr[-2_000:]
    assert "passed" in run.stdout


def log_in(client, person):
    return client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})


def test_a_full_redis_gives_the_page_of_an_outage_and_logs_no_one_out(stores_in_redis, stranger, client):
    client.raise_request_exception = False
    assert log_in(client, stranger).status_code == 302
    assert client.get("/me/").status_code == 200
    stores_in_redis.config_set("maxmemory", "1")
    answer = log_in(Client(raise_request_exception=False), stranger)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
    assert "Our database is not responding right now." in parse(answer).text
    assert client.get("/me/").status_code == 200
    stores_in_redis.config_set("maxmemory", "0")
    assert log_in(Client(), stranger).status_code == 302
