"""Who gets what from every route; nothing changes on GET, nothing without a CSRF token.

Nor is anything made for one person cached, and what others keep private is on no page. Every role asks every
route once, and each test looks at the answers.
"""

import difflib
import os
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db import connection, reset_queries, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.roles import make_roles
from confbox.kit.limits import here
from confbox.tests import routes
from confbox.tests.test_private_pages import is_private

# The mark has the database set up for `walk`.
pytestmark = [pytest.mark.slow, pytest.mark.any_database, pytest.mark.django_db]

# Email programs unsubscribe with a POST without cookies (RFC 8058); the token in the URL is the key. The
# theme is a colour in the person's own browser; a token in its form would make each copy of a page differ.
# So is the language of visitors who are not logged in.
# The last asks for the secret or the signature of an email provider.
WITHOUT_CSRF_TOKEN = {"unsubscribe/<str:token>/", "theme/", "language/", "bounces/"}
# Written by any request: the session itself, counts of limits, where a person is logged in, and the line of
# the audit log that records an export.
PASSING = ("django_session", "cache", "kept", "usersessions_usersession", "SAVEPOINT", "accounts_adminact")
# The same for everyone, logged in or not; the headers have whole seconds.
FOR_EVERYONE = {
    "card.png",
    "conferences/<slug:slug>/card.png",
    "conferences/<slug:slug>/candidates/<int:member_id>/card.png",
}
# Django's own, the same for everyone who uses the same language.
OF_THE_LIBRARY = {"admin/jsi18n/"}
TEXTS = ("text/", "application/xml", "application/atom")
PHONE = "+49 555 019 9917"


@dataclass(frozen=True)
class Answer:
    role: str
    method: str
    pattern: str
    is_private: bool
    kind: str
    changes: list[str]
    private_words: list[str]


@dataclass(frozen=True)
class Walk:
    table: str
    answers: list[Answer]

    def of(self, role, method):
        return [answer for answer in self.answers if (answer.role, answer.method) == (role, method)]


@pytest.fixture(scope="module")
def walk(django_db_setup, django_db_blocker, tmp_path_factory):
    """What every role gets from every route, and what of it other tests look at."""
    folder = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder), transaction.atomic():
        cache.clear()
        make_roles()
        cast, answers = routes.set_up(), []
        User.objects.filter(name="Bob").update(phone=PHONE)
        private = [PHONE, User.objects.get(name="Bob").email]

        def ask(role, method, route):
            # Django keeps only the last 9000 statements, and counts from the first that it has.
            reset_queries()
            with CaptureQueriesContext(connection) as queries, transaction.atomic():
                response = routes.sent(cast.client(role), method, route.path, cast.samples)
                body = response.getvalue() if response.streaming else response.content
                transaction.set_rollback(True)
            words = [word for word in private if word in body.decode(errors="replace")]
            changes = [q["sql"][:150] for q in queries if is_change(q["sql"])]
            kind = response.headers.get("Content-Type", "").replace('"', "")
            seen = (role, method, route.pattern, is_private(response), kind)
            answers.append(Answer(*seen, changes, words))
            return routes.word_of(response.status_code, response.headers.get("Location", ""))

        table = routes.table(cast, ask)
        transaction.set_rollback(True)
    return Walk(table, answers)


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return routes.set_up()


def test_everyone_gets_what_the_table_says(walk):
    if os.environ.get("WRITE_ROUTES"):
        routes.TABLE.write_text(walk.table)
    known = routes.TABLE.read_text()
    changed = difflib.unified_diff(known.splitlines(), walk.table.splitlines(), "routes.txt", "as it is", n=0)
    assert "\n".join(changed) == ""


@pytest.mark.parametrize("role", routes.ROLES)
def test_get_changes_nothing(walk, role):
    assert [(a.pattern, a.changes) for a in walk.of(role, "GET") if a.changes] == []


@pytest.mark.parametrize("role", ["member", "organiser"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_copy_is_kept_of_any_response_to_a_person_logged_in(walk, role, method):
    kept = {answer.pattern for answer in walk.of(role, method) if not answer.is_private}
    assert kept <= FOR_EVERYONE | OF_THE_LIBRARY


@pytest.mark.parametrize("role", ["anonymous", "member", "organiser"])
def test_every_text_names_its_character_set(walk, role):
    kinds = [(a.pattern, a.kind) for a in walk.of(role, "GET") if a.kind.startswith(TEXTS)]
    assert len(kinds) > 20
    assert [named for named in kinds if "charset=utf-8" not in named[1]] == []


@pytest.mark.parametrize("role", ["anonymous", "stranger", "member", "elsewhere"])
def test_no_one_but_organisers_finds_a_phone_or_an_address(walk, role):
    assert [(a.pattern, a.private_words) for a in walk.of(role, "GET") if a.private_words] == []


def test_no_page_shows_a_phone_number_to_an_organiser(walk):
    pages = walk.of("organiser", "GET")
    assert [answer.pattern for answer in pages if PHONE in answer.private_words] == []
    # They do find the email address.
    assert any(answer.private_words for answer in pages)


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


def refusals(pattern, role):
    """The API asks for the token once it knows who it is, and only where there is something to do."""
    if not pattern.startswith("api/"):
        return {403}
    of_role = {401} if role == "anonymous" else {403}
    return of_role | ({404} if pattern == "api/v1/" else {405})


@pytest.mark.parametrize("role", ["anonymous", "member", "organiser"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_done_without_a_csrf_token(cast, role, method):
    refused = {}
    for route in routes.routes(cast):
        # There are more operations than a network may call in a minute.
        here.clear()
        with transaction.atomic():
            client = cast.client(role, enforce_csrf_checks=True)
            status = client.generic(method, route.path).status_code
            refused[route.pattern] = status in refusals(route.pattern, role)
            transaction.set_rollback(True)
    assert {pattern for pattern, is_refused in refused.items() if not is_refused} <= WITHOUT_CSRF_TOKEN


@pytest.mark.parametrize("role", routes.ROLES)
def test_trace_is_not_answered(cast, role):
    assert cast.client(role).trace("/").status_code == 405
