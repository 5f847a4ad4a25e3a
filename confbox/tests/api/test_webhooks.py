"""Webhooks of a conference, as a program sets them up."""

import pytest

from confbox.tests.api.calls import Program
from conferences.models import Role
from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member
from conferences.tests.webhooks import make_endpoint, make_event

pytestmark = pytest.mark.django_db
READ, WRITE = "organise:read", "organise:write"
HOOK = {"url": "https://hooks.example.org/in", "events": ["voting.opened"]}


@pytest.fixture
def program(conference):
    return Program(make_team_member(conference).person, READ, WRITE)


@pytest.fixture
def path(conference):
    return f"conferences/{conference.slug}/organise/webhooks/"


def test_secret_is_answered_once(program, path):
    added = program.post(path, HOOK)
    assert added.status_code == 201
    assert added.json()["secret"].startswith("whsec_")
    listed = program.get(path)
    assert [item["host"] for item in listed.json()["items"]] == ["hooks.example.org"]
    assert added.json()["secret"] not in listed.content.decode()


def test_same_key_adds_one_and_keeps_no_secret(program, path):
    first, again = (program.post(path, HOOK, **{"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 409)
    assert WebhookEndpoint.objects.count() == 1


def test_url_that_is_not_public_is_refused_by_field(program, path):
    response = program.post(path, HOOK | {"url": "http://127.0.0.1/"})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["url"]


def test_unknown_event_is_refused_by_field(program, path):
    response = program.post(path, HOOK | {"events": ["vote.cast"]})
    assert [error["field"] for error in response.json()["errors"]] == ["events"]


def test_webhook_is_changed_switched_and_deleted_once(program, path, conference):
    one = f"{path}{make_endpoint(conference).pk}/"
    changed = {"format": "slack", "events": ["voting.closed"]}
    for act, body in (("change", changed), ("switch", {"is_on": False})):
        outcomes = [program.post(f"{one}{act}/", body).json()["outcome"] for _ in range(2)]
        assert outcomes == ["made", "none"], act
    assert program.post(f"{one}test/").status_code == 409
    assert [program.post(f"{one}delete/").status_code for _ in range(2)] == [200, 404]


def test_new_secret_is_another_one(program, path):
    added = program.post(path, HOOK).json()
    renewed = program.post(f"{path}{added['webhook']['id']}/secret/").json()
    assert renewed["secret"] != added["secret"]


def test_message_is_sent_again_or_left_out(program, path, conference):
    message = make_event(make_endpoint(conference))
    one = f"{path}messages/{message.pk}/"
    assert program.post(one, {"act": "skip"}).json() == {"outcome": "made"}
    assert program.post(one, {"act": "again"}).json() == {"outcome": "made"}
    listed = program.get(f"{path}{message.endpoint_id}/messages/").json()["items"]
    assert [(item["id"], item["state"]) for item in listed] == [(message.pk, "waiting")]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_role_that_may_not_change_the_conference_finds_none(conference, path, role):
    program = Program(make_team_member(conference, role).person, READ, WRITE)
    assert program.get(path).status_code == 404
    assert program.post(path, HOOK).status_code == 404


def test_webhook_of_another_conference_is_not_found_here(program, path):
    foreign = make_event(make_endpoint(make_conference()))
    assert program.post(f"{path}{foreign.endpoint_id}/delete/").status_code == 404
    assert program.post(f"{path}messages/{foreign.pk}/", {"act": "skip"}).status_code == 404
    assert WebhookMessage.objects.get().state == "waiting"
