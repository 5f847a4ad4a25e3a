"""Nothing that leaves /api/ is a page: every failure is a problem with its request ID."""

import json

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from confbox.tests.api.calls import Program
from conferences.models import ApiToken

pytestmark = pytest.mark.django_db
VOTE = "conferences/open-conf/vote/"


def check_problem(response, status, kind):
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    found = json.loads(response.content)
    assert found["type"] == f"/api-docs/problems/{kind}/"
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert found["request_id"] == response.headers["X-Request-ID"]
    assert "RateLimit" in response.headers
    assert "no-store" in response.headers["Cache-Control"]
    return found


@pytest.fixture(params=["token", "log-in", "neither"])
def program(request, alice):
    program = Program(alice.user if request.param == "token" else None)
    if request.param == "log-in":
        program.client.force_login(alice.user)
    return program


@pytest.mark.parametrize("path", ["nothing/", "me", "", "/me/", "../me/"])
def test_unknown_path(program, path):
    check_problem(program.get(path), 404, "not-found")


def test_unknown_method(program):
    response = program.send("DELETE", "me/", "")
    check_problem(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET"


def test_large_body(alice):
    check_problem(Program(alice.user).send("POST", VOTE, "x" * (1024 * 1024 + 1)), 413, "too-large")


def test_form_in_place_of_json(alice):
    response = Program(alice.user).send("POST", VOTE, "candidate=1", "application/x-www-form-urlencoded")
    check_problem(response, 415, "not-json")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"candidate": 1, "candidate": 2}',
        '{"candidate": NaN}',
        '{"candidate": "\\u0000"}',
        '{"candidate": "\\ud800"}',
        '{"\\ud800": 1}',
        "[" * 100_000,
        "[" * 40 + "]" * 40,
        "9" * 5_000,
        "\udcff",
    ],
)
def test_unreadable_body(alice, text):
    response = Program(alice.user).send("POST", VOTE, text.encode(errors="surrogateescape"))
    check_problem(response, 400, "unreadable")


def test_failure_of_ours(alice, monkeypatch):
    program = Program(alice.user)
    program.client.raise_request_exception = False
    monkeypatch.setattr("accounts.api.me.Me.of", lambda person: 1 / 0)
    check_problem(program.get("me/"), 500, "failure")


@pytest.mark.parametrize("part", ["accounts.api.me.Me.of", "confbox.api.callers.token_of"])
def test_database_away(alice, monkeypatch, part):
    def lose(*asked):
        raise OperationalError(2013, "Lost connection")

    program = Program(alice.user)
    program.client.raise_request_exception = False
    monkeypatch.setattr(part, lose)
    response = program.get("me/")
    check_problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == "5"


def test_head_is_answered_as_get(alice):
    program = Program(alice.user)
    response = program.send("HEAD", "me/", "")
    assert response.status_code == 200
    assert response.headers["ETag"] == program.get("me/").headers["ETag"].strip()


def test_refusal_has_the_sentence_of_the_page_in_the_persons_language(alice, bob):
    alice.user.language = "de"
    alice.user.save()
    program = Program(alice.user)
    found = check_problem(program.post(VOTE, {"candidate": alice.pk}), 409, "not-a-candidate")
    client = Client()
    client.force_login(alice.user)
    page = client.post("/conferences/open-conf/vote/", {"candidate": alice.pk}, follow=True)
    assert found["detail"] in page.content.decode()
    assert "selbst" in found["detail"]


def test_answer_that_is_still_true_is_not_sent_again(alice):
    program = Program(alice.user)
    tag = program.get("me/").headers["ETag"]
    assert not tag.startswith("W/")
    response = program.get("me/", **{"If-None-Match": tag})
    assert response.status_code == 304
    assert not response.content
    assert response.headers["RateLimit"]
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(response.headers["Vary"].split(", "))


def at_one_time(number, ask):
    with time_machine.travel("2026-11-26 12:00:20Z", tick=False):
        return [ask() for _number in range(number)]


@pytest.mark.parametrize("path", ["conferences/", "people/", "nowhere/"])
def test_answer_says_its_length(program, path):
    response = program.get(path)
    assert response.headers["Content-Length"] == str(len(response.content))


def test_every_caller_gets_a_tag_and_nothing_again(program):
    tag = program.get("conferences/").headers["ETag"]
    again = program.get("conferences/", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_request_says_how_many_are_left(alice):
    with time_machine.travel("2026-11-26 12:00:20Z", tick=False):
        program = Program(alice.user)
        found = [program.get("me/").headers["RateLimit"] for _number in range(2)]
    assert found == ['"caller";r=599;t=40', '"caller";r=598;t=40']


def test_limit_itself_is_said(alice):
    headers = Program(alice.user).get("me/").headers
    assert headers["RateLimit-Policy"] == '"caller";q=600;w=60'


def test_too_many_requests_without_a_token(db):
    found = at_one_time(121, lambda: Program().get("conferences/"))
    assert {response.status_code for response in found[:-1]} == {200}
    check_problem(found[-1], 429, "too-many-requests")
    assert found[-1].headers["Retry-After"] == "40"
    assert found[-1].headers["RateLimit"] == '"network";r=0;t=40'


@pytest.mark.slow
def test_too_many_requests_of_one_token(alice):
    with time_machine.travel("2026-11-26 12:00:20Z", tick=False):
        program, other = Program(alice.user), Program(alice.user)
        found = [program.get("me/").status_code for _number in range(601)]
        assert other.get("me/").status_code == 200
    assert (found[599], found[600]) == (200, 429)


@pytest.fixture
def refused():
    """The answers to more made-up tokens than a network can send in a minute, at the end of which we are."""
    made_up = {"Authorization": "Bearer cbx_made_up"}
    with time_machine.travel("2026-11-26 12:00:20Z", tick=False):
        yield [Program().get("me/", **made_up) for _number in range(601)]


def test_too_many_refused_tokens(db, refused):
    assert {response.status_code for response in refused[:-1]} == {401}
    check_problem(refused[-1], 429, "too-many-requests")
    assert refused[-1].headers["Retry-After"] == "40"


def test_good_token_is_served_from_the_network_of_too_many_refused_ones(alice, refused):
    assert Program(alice.user).get("me/").status_code == 200


def test_ended_token_is_one_of_the_refused(alice, refused):
    program = Program(alice.user)
    ApiToken.objects.update(ended_at=timezone.now())
    check_problem(program.get("me/"), 429, "too-many-requests")
