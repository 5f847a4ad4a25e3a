"""A program that got no answer sends its request again, with the same idempotency key."""

import pytest

from accounts.models import AdminAct, KeptAnswer
from accounts.tests.factories import make_user
from accounts.tests.test_answering_once import CLIENTS, at_once, real_connections
from confbox.tests.api.calls import Program
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference
from voting.elections.models import Vote

__all__ = ["real_connections"]
JOIN, LEAVE = "conferences/open-conf/join/", "conferences/open-conf/leave/"
VOTE = "conferences/open-conf/vote/"
KEY = {"Idempotency-Key": "draw-1"}


@pytest.fixture
def stranger_program(conference, stranger):
    return Program(stranger)


def test_answer_is_the_same_and_says_that_it_is_the_first_one(stranger_program):
    first, second = (stranger_program.post(JOIN, **KEY) for _number in range(2))
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert "RateLimit" in second.headers


def test_act_that_was_undone_since_is_not_done_again(stranger_program, stranger):
    stranger_program.post(JOIN, **KEY)
    stranger_program.post(LEAVE)
    assert stranger_program.post(JOIN, **KEY).status_code == 200
    assert not Membership.objects.current().filter(user=stranger).exists()


def test_refusal_is_the_same_also_when_it_would_no_longer_be_refused(stranger_program):
    Conference.objects.update(status="inactive")
    refused = stranger_program.post(JOIN, **KEY)
    Conference.objects.update(status="active")
    again = stranger_program.post(JOIN, **KEY)
    assert (again.status_code, again.content) == (refused.status_code, refused.content)
    assert not AdminAct.objects.filter(act="join").exists()


@pytest.mark.parametrize(("path", "body"), [(JOIN, {"code": "other"}), (LEAVE, None)], ids=["body", "path"])
def test_other_request_with_the_same_key_is_refused(stranger_program, stranger, path, body):
    stranger_program.post(JOIN, **KEY)
    response = stranger_program.post(path, body, **KEY)
    assert response.status_code == 422
    assert response.json()["type"] == "/api-docs/problems/key-reused/"
    assert Membership.objects.current().filter(user=stranger).exists()


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(stranger_program, stranger):
    stranger_program.post(JOIN, **KEY)
    response = Program(stranger).post(JOIN, **KEY)
    assert "Idempotency-Replayed" not in response.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "é"])
def test_key_that_is_none(stranger_program, key):
    response = stranger_program.post(JOIN, **{"Idempotency-Key": key})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_request_without_its_scope_is_answered_anew_with_the_same_key(conference, stranger):
    program = Program(stranger, "read")
    assert program.post(JOIN, **KEY).status_code == 403
    assert not KeptAnswer.objects.exists()


def test_vote_is_stored_once_and_the_table_does_not_show_it(alice, bob, conference):
    program = Program(alice.user)
    answers = [program.post(VOTE, {"candidate": bob.pk}, **KEY) for _number in range(2)]
    assert [answer.json() for answer in answers] == [{"outcome": "first"}] * 2
    assert Vote.objects.get().candidate == bob
    assert "first" not in KeptAnswer.objects.get().answer


def test_answer_is_in_the_language_of_the_first_request(stranger_program):
    Conference.objects.update(status="inactive")
    sentences = [
        stranger_program.post(JOIN, **KEY, **{"Accept-Language": language}).json()["detail"]
        for language in ("de", "en")
    ]
    assert len(set(sentences)) == 1


def joined_by_many(path, headers):
    """16 clients with one token, each on a connection of its own."""
    make_conference(slug="open-conf", voting="open")
    program = Program(make_user("ada@example.org"))

    def call():
        other = Program()
        other.headers = program.headers
        response = other.post(path, **headers)
        return response.status_code, response.content, "Idempotency-Replayed" in response.headers

    return at_once(call)


def test_many_at_once_with_one_key_join_once_and_get_one_answer(real_connections):
    answers = joined_by_many(JOIN, KEY)
    assert {status for status, _body, _again in answers} == {200}
    assert len({body for _status, body, _again in answers}) == 1
    assert sum(again for _status, _body, again in answers) == CLIENTS - 1
    assert AdminAct.objects.filter(act="join").count() == 1
