"""Who may call an operation: with a token, with the log-in of a browser, or without either."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AdminAct
from confbox.tests.api.calls import Program
from conferences.models import Membership
from voting.elections.models import Election

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def problem(response):
    assert response.headers["Content-Type"] == PROBLEM
    return json.loads(response.content)


def test_token_shows_whose_it_is(alice):
    assert Program(alice.user).get("me/").json()["email"] == alice.user.email


def test_without_a_token_the_answer_is_401_and_says_how(db):
    response = Program().get("me/")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert problem(response)["type"] == "/api-docs/problems/no-token/"


def test_made_up_token_is_refused_also_where_none_is_needed(db):
    response = Program().get("conferences/", Authorization="Bearer cbx_made_up")
    assert response.status_code == 401


def test_public_operation_needs_no_token(conference):
    response = Program().get("conferences/")
    assert [item["slug"] for item in response.json()["items"]] == [conference.slug]


def test_missing_scope_is_named(alice, conference):
    response = Program(alice.user, "vote").get("me/")
    assert response.status_code == 403
    assert "read" in problem(response)["detail"]
    assert problem(response)["type"] == "/api-docs/problems/missing-scope/"


def test_token_for_another_conference_is_refused(alice, conference):
    program = Program(alice.user, conferences=[])
    assert problem(program.post(f"conferences/{conference.slug}/leave/"))["type"].endswith(
        "other-conference/"
    )
    assert Membership.objects.current().filter(pk=alice.pk).exists()


def test_list_has_only_the_conferences_of_the_token(alice, conference):
    assert Program(alice.user, conferences=[]).get("conferences/").json()["items"] == []
    assert len(Program(alice.user, conferences=[conference]).get("conferences/").json()["items"]) == 1


def test_request_with_a_token_neither_reads_nor_sets_a_session(alice, conference, django_assert_num_queries):
    program = Program(alice.user)
    program.client.cookies["sessionid"] = "made-up"
    # The token and the vote.
    program.get("me/")
    with django_assert_num_queries(1):
        response = program.get("me/")
    assert not response.cookies


def test_page_accepts_no_token(alice):
    response = Client().get("/me/", headers=Program(alice.user).headers)
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]


def test_log_in_of_a_browser_reads(alice, client):
    client.force_login(alice.user)
    assert client.get("/api/v1/me/").json()["id"] == alice.user.pk


def test_log_in_of_a_browser_changes_nothing_without_the_csrf_token(alice, conference):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)
    response = client.post(f"/api/v1/conferences/{conference.slug}/leave/", content_type="application/json")
    assert response.status_code == 403
    assert problem(response)["type"].endswith("forged-request/")
    assert Membership.objects.current().filter(pk=alice.pk).exists()


def test_audit_log_names_the_channel(alice, conference):
    Program(alice.user).post(f"conferences/{conference.slug}/leave/")
    assert AdminAct.objects.get(act="leave").channel == AdminAct.Channel.API


def test_vote_by_token_takes_the_token_and_one_statement(alice, bob, conference, django_assert_num_queries):
    program = Program(alice.user)
    vote = f"conferences/{conference.slug}/vote/"
    assert program.post(vote, {"candidate": bob.pk}).json() == {"outcome": "first"}
    with django_assert_num_queries(2):
        response = program.post(vote, {"candidate": bob.pk})
    assert response.json() == {"outcome": "unchanged"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"closes_at": timezone.now() - timedelta(minutes=1)}, "voting-not-open"),
        ({"rules_set_at": None}, "voting-not-open"),
    ],
)
def test_refused_vote_has_a_kind(alice, bob, conference, changes, kind):
    Election.objects.update(**changes)
    response = Program(alice.user).post(f"conferences/{conference.slug}/vote/", {"candidate": bob.pk})
    assert response.status_code == 409
    assert problem(response)["type"] == f"/api-docs/problems/{kind}/"


def test_vote_of_an_excluded_member_has_a_kind(alice, bob, conference):
    Membership.objects.filter(pk=alice.pk).update(excluded_at=timezone.now(), exclusion_reason="test")
    response = Program(alice.user).post(f"conferences/{conference.slug}/vote/", {"candidate": bob.pk})
    assert problem(response)["type"] == "/api-docs/problems/not-entitled/"
