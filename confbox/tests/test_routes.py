"""Who gets what from every route; nothing changes on GET, nothing without a CSRF token."""

import difflib
import os

import pytest
from django.core.cache import cache
from django.db import connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext

from confbox.tests import routes

pytestmark = [pytest.mark.slow, pytest.mark.any_database]

# Email programs unsubscribe with a POST without cookies (RFC 8058); the token in the URL is the key. The
# theme is a colour in the person's own browser; a token in its form would make each copy of a page differ.
# So is the language of visitors who are not logged in.
# The last asks for the secret or the signature of an email provider.
WITHOUT_CSRF_TOKEN = {"unsubscribe/<str:token>/", "theme/", "language/", "bounces/"}
# Written by any request: the session itself, counts of limits, where a person is logged in, and the line of
# the audit log that records an export.
PASSING = ("django_session", "cache", "kept", "usersessions_usersession", "SAVEPOINT", "accounts_adminact")


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return routes.set_up()


def test_everyone_gets_what_the_table_says_and_get_changes_nothing(cast):
    """Both at once, as the requests are the same."""
    changes = []

    def ask(client, method, path):
        # Django keeps only the last 9000 statements, and counts from the first that it has.
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            found = routes.asked_and_undone(client, method, path)
        if method == "GET":
            changes.extend((path, q["sql"][:150]) for q in queries if is_change(q["sql"]))
        return found

    found = routes.table(cast, ask)
    if os.environ.get("WRITE_ROUTES"):
        routes.TABLE.write_text(found)
    known = routes.TABLE.read_text()
    changed = difflib.unified_diff(known.splitlines(), found.splitlines(), "routes.txt", "as it is", n=0)
    assert "\n".join(changed) == ""
    assert changes == []


def is_change(sql):
    verb = sql.lstrip().partition(" ")[0].upper()
    return verb in ("INSERT", "UPDATE", "DELETE", "REPLACE") and not any(name in sql for name in PASSING)


def test_no_answer_is_an_error():
    answers = {
        word for line in routes.TABLE.read_text().splitlines() for word in line[5 + routes.WIDTH :].split()
    }
    assert not [word for word in answers if word.startswith("5")]


def test_every_route_has_its_lines():
    lines = routes.TABLE.read_text().splitlines()
    listed = {line[5 : 5 + routes.WIDTH].strip() for line in lines if line[:4] in ("GET ", "POST")}
    assert set(routes.patterns()) - listed == set()


@pytest.mark.parametrize("role", ["anonymous", "member", "organiser"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_done_without_a_csrf_token(cast, role, method):
    refused = {}
    for route in routes.routes(cast):
        with transaction.atomic():
            client = cast.client(role, enforce_csrf_checks=True)
            refused[route.pattern] = client.generic(method, route.path).status_code == 403
            transaction.set_rollback(True)
    assert {pattern for pattern, is_refused in refused.items() if not is_refused} <= WITHOUT_CSRF_TOKEN


@pytest.mark.parametrize("role", routes.ROLES)
def test_trace_is_not_answered(cast, role):
    assert cast.client(role).trace("/").status_code == 405
