"""Two programs never read the same request differently, and nothing that is sent makes the site fail."""

import json

import pytest

from confbox.kit.api.pages import cursor_of
from confbox.tests.api.calls import Program
from voting.elections.models import Vote

pytestmark = pytest.mark.django_db
VOTE = "conferences/open-conf/vote/"


def errors(response):
    assert response.status_code == 422, response.content
    found = json.loads(response.content)
    assert found["type"] == "/api-docs/problems/invalid/"
    assert all(error["detail"] for error in found["errors"])
    return {error["field"] for error in found["errors"]}


@pytest.mark.parametrize(
    "number",
    [
        '"7"', '"1_0"', '"１２"', "1e3", "7.0", "7.5", "true", "null", "[]", "{}", '""',
        "0", "-1", "9223372036854775808", "9" * 400,
    ],
)  # fmt: skip
def test_number_in_a_body(alice, number):
    response = Program(alice.user).send("POST", VOTE, f'{{"candidate": {number}}}')
    assert errors(response) == {"candidate"}
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    "number",
    ["1_0", "１２", "1e3", "7.0", "true", "", " 7", "+7", "07", "0", "-1", "101", "9223372036854775808", "٣"],
)
def test_number_in_a_query(alice, number):
    assert errors(Program(alice.user).client.get("/api/v1/conferences/", {"limit": number})) == {"limit"}


@pytest.mark.parametrize("body", ["", "[]", "null", "1", '"x"', "{}"])
def test_body_that_is_no_choice(alice, body):
    assert errors(Program(alice.user).send("POST", VOTE, body)) <= {"", "candidate"}


def test_unknown_field_in_a_body(alice, bob):
    found = Program(alice.user).post(VOTE, {"candidate": bob.pk, "weight": 2})
    assert errors(found) == {"weight"}
    assert not Vote.objects.exists()


def test_unknown_field_in_a_query(db):
    assert errors(Program().get("conferences/?serach=x")) == {"serach"}


def test_field_that_is_twice_in_a_query(db):
    assert errors(Program().get("conferences/?limit=1&limit=2")) == {"limit"}


def test_body_where_none_is_read(alice):
    assert Program(alice.user).post(f"{VOTE}withdraw/", {"really": True}).status_code == 422
    assert Program(alice.user).post(f"{VOTE}withdraw/", {}).status_code == 200


def test_choice_that_does_not_exist(db):
    assert errors(Program().get("conferences/?show=all")) == {"show"}


@pytest.mark.parametrize("path", ["conferences/a%00b/", "conferences/%C3%A4/", "conferences/a b/"])
def test_slug_with_other_characters(db, path):
    assert errors(Program().get(path)) == {"slug"}


def test_text_that_cannot_be_stored(db):
    assert Program().get("conferences/?q=a%00b").status_code == 400


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "W10",
        "WzFd",
        "e30",
        "bnVsbA",
        "WzEsMixd",
        "WyJcdTAwMDAiLDFd",
        "W1tdLDFd",
        "WzFlNDAwLDFd",
        "A" * 2000,
    ],
)
def test_invented_cursor(conference, cursor):
    response = Program().client.get("/api/v1/conferences/", {"cursor": cursor})
    assert response.status_code in (400, 422)


FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
NOW = "2027-01-01T00:00:00+00:00"


@pytest.mark.parametrize("show", ["upcoming", "past"])
@pytest.mark.parametrize(
    "values",
    [
        *(["x", 1], [1, 1], ["", 1], [NOW, "x"], [NOW, ""], [NOW, NOW], [FIRST, 1], [LAST, 1]),
        *([[NOW], "x"], [[NOW], [NOW]], [[FIRST], 1], [[LAST], 1]),
        *([["x"], 1], [[], 1], [[NOW, NOW], 1], [{}, 1], [None, 1], [True, 1]),
    ],
)
def test_cursor_with_values_that_its_columns_cannot_have(conference, values, show):
    query = {"show": show, "cursor": cursor_of(values)}
    assert errors(Program().client.get("/api/v1/conferences/", query)) == {"cursor"}


def test_times_are_in_utc(conference):
    starts_at = Program().get("conferences/open-conf/").json()["starts_at"]
    assert starts_at.endswith("Z")
    assert starts_at[10] == "T"
