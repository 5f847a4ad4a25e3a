"""Webhooks of a conference or series, as a program sets them up."""

import pytest

from confbox.tests.api.answers import kind
from confbox.tests.api.calls import Program
from conferences.models import Conference, Role
from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from conferences.tests.webhooks import make_endpoint, make_event

pytestmark = pytest.mark.django_db
READ, WRITE = "organise:read", "organise:write"
HOOK = {"url": "https://hooks.example.org/in", "events": ["voting.opened"]}


@pytest.fixture(params=["conference", "series"])
def scope(request, conference):
    return conference if request.param == "conference" else make_series()


@pytest.fixture
def program(scope):
    return Program(make_team_member(scope).person, READ, WRITE)


@pytest.fixture
def path(scope):
    return path_of(scope)


def path_of(scope):
    if isinstance(scope, Conference):
        return f"conferences/{scope.slug}/organise/webhooks/"
    return f"organise/series/{scope.pk}/webhooks/"


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


def test_webhook_is_changed_switched_and_deleted_once(program, path, scope):
    one = f"{path}{make_endpoint(scope).pk}/"
    changed = {"format": "slack", "events": ["voting.closed"]}
    for act, body in (("change", changed), ("switch", {"is_on": False})):
        outcomes = [program.post(f"{one}{act}/", body).json()["outcome"] for _ in range(2)]
        assert outcomes == ["made", "none"], act
    refused = program.post(f"{one}test/")
    assert (refused.status_code, refused.json()["type"]) == (409, "/api-docs/problems/webhook-off/")
    assert [program.post(f"{one}delete/").status_code for _ in range(2)] == [200, 404]


def test_new_secret_is_another_one(program, path):
    added = program.post(path, HOOK).json()
    renewed = program.post(f"{path}{added['webhook']['id']}/secret/").json()
    assert renewed["secret"] != added["secret"]


def test_message_is_sent_again_or_left_out(program, path, scope):
    message = make_event(make_endpoint(scope))
    one = f"{path}messages/{message.pk}/"
    assert program.post(one, {"act": "skip"}).json() == {"outcome": "made"}
    assert program.post(one, {"act": "again"}).json() == {"outcome": "made"}
    listed = program.get(f"{path}{message.endpoint_id}/messages/").json()["items"]
    assert [(item["id"], item["state"]) for item in listed] == [(message.pk, "waiting")]


def test_message_has_what_was_sent_and_answered_the_newest_first(program, path, scope):
    message = make_event(make_endpoint(scope), data={"member_id": 7})
    at, tried = message.event.at, {"milliseconds": 84, "request": "{}"}
    message.tries.create(at=at, status=None, error="timeout", **tried)
    message.tries.create(at=at, status=200, answer="ok", **tried)
    found = program.get(f"{path}messages/{message.pk}/").json()
    assert (found["webhook_id"], found["data"]) == (message.endpoint_id, {"member_id": 7})
    assert [(each["status"], each["error"], each["answer"]) for each in found["tries"]] == [
        (200, "", "ok"),
        (None, "timeout", ""),
    ]


def test_test_of_a_webhook_waits_to_be_sent(program, path, scope):
    endpoint = make_endpoint(scope)
    assert program.post(f"{path}{endpoint.pk}/test/").json() == {"outcome": "made"}
    assert [message.event.kind for message in endpoint.messages.all()] == ["test"]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_role_that_may_not_change_the_conference_finds_none(scope, path, role):
    program = Program(make_team_member(scope, role).person, READ, WRITE)
    assert program.get(path).status_code == 404
    assert program.post(path, HOOK).status_code == 404


def test_organiser_of_the_team_may_add_one(scope, path):
    assert Program(make_team_member(scope, Role.ORGANISER).person, WRITE).post(path, HOOK).status_code == 201


@pytest.mark.parametrize("make_foreign", [make_conference, make_series])
def test_webhook_of_another_team_is_not_found_here(program, path, make_foreign):
    foreign = make_event(make_endpoint(make_foreign()))
    assert program.post(f"{path}{foreign.endpoint_id}/delete/").status_code == 404
    assert program.get(f"{path}{foreign.endpoint_id}/messages/").status_code == 404
    assert program.get(f"{path}messages/{foreign.pk}/").status_code == 404
    assert program.post(f"{path}messages/{foreign.pk}/", {"act": "skip"}).status_code == 404
    assert WebhookMessage.objects.get().state == "waiting"


def test_webhook_of_the_series_is_not_one_of_its_conference():
    conference = make_conference(series=make_series())
    message = make_event(make_endpoint(conference.series))
    program, path = Program(make_team_member(conference.series).person, READ, WRITE), path_of(conference)
    assert program.get(path).json()["items"] == []
    assert program.get(f"{path}messages/{message.pk}/").status_code == 404


def test_rehearsal_has_no_webhooks(conference):
    rehearsal = make_conference(rehearses=conference, series=make_series())
    program = Program(make_team_member(rehearsal.series).person, READ, WRITE)
    assert program.get(path_of(rehearsal)).status_code == 404


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("", HOOK),
        ("{hook}/change/", HOOK),
        ("{hook}/secret/", None),
        ("{hook}/switch/", {"is_on": False}),
        ("{hook}/test/", None),
        ("{hook}/delete/", None),
        ("messages/{message}/", {"act": "skip"}),
    ],
)
def test_browser_confirms_who_is_there_before_each_change(scope, path, act, body):
    browser = Program()
    browser.client.force_login(make_team_member(scope).person)
    message = make_event(make_endpoint(scope))
    act = act.format(hook=message.endpoint_id, message=message.pk)
    answered = browser.post(f"{path}{act}", body)
    assert kind(answered) == "log-in-again"
    assert WebhookEndpoint.objects.kept().on().count() == 1
    assert WebhookMessage.objects.waiting().count() == 1
