"""Whatever a program sends, the API answers as docs/openapi.json says, and never with a fault of ours."""

from functools import cache

import pytest
import schemathesis
from django.core.cache import cache as counts
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup

from accounts.tests.factories import make_organiser
from confbox.api import openapi
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import here
from confbox.tests.api.calls import Program
from conferences.tests.teams import make_series
from conferences.tests.webhooks import make_endpoint, make_event
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_pitch, make_vote

pytestmark = [pytest.mark.slow, pytest.mark.any_database, pytest.mark.django_db]
# For each operation and role: so many requests that fit the schema, and so many that do not.
EXAMPLES = 2
# What fits the schema can still be refused: by a rule, a form or a limit, or because it is not there.
REFUSED_ALTHOUGH_VALID = ["2xx", "304", "401", "403", "404", "409", "413", "422", "429", "503"]
REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429", "503"]
CHECKS = {
    # A limit of heavy work is a 503, as on pages.
    "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
    "positive_data_acceptance": {"expected-statuses": REFUSED_ALTHOUGH_VALID},
    "negative_data_rejection": {"expected-statuses": REFUSED},
    # These send requests of their own. Who may call what is in test_every_operation.
    "ensure_resource_availability": {"enabled": False},
    "use_after_free": {"enabled": False},
    "ignored_auth": {"enabled": False},
}
WITHOUT_HEALTH_CHECKS = list(HealthCheck)


@cache
def operations():
    config = SchemathesisConfig.from_dict({"checks": CHECKS})
    schema = schemathesis.openapi.from_dict(openapi.document(), config=config)
    schema.app = WSGIHandler()
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture
def known(alice, bob, conference):
    """Values of paths that lead to something, by the beginning of the path; all others are drawn."""
    make_pitch(bob)
    make_vote(alice, bob)
    series = make_series()
    of_conference, of_series = (make_event(make_endpoint(scope)) for scope in (conference, series))
    webhooks = [
        {"webhook_id": sent.endpoint_id, "message_id": sent.pk} for sent in (of_conference, of_series)
    ]
    members = {"member_id": bob.pk, "campaign_id": make_campaign(alice).pk}
    return {
        "/api/v1/conferences/": {"slug": conference.slug, **members, **webhooks[0]},
        "/api/v1/organise/series/": {"series_id": series.pk, **webhooks[1]},
    }


@pytest.fixture
def headers(roles, alice, role):
    people = {"anonymous": None, "member": alice.user, "organiser": make_organiser("organiser@example.org")}
    scopes = Scope if role == "organiser" else ()
    return Program(people[role], *scopes).headers | {"Accept-Encoding": "identity"}


@pytest.fixture(autouse=True)
def _same_connection():
    """That of the test, in whose transaction everything happens; a request would close it otherwise."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def kinds_of_requests(operation, known):
    """Those that fit the schema, and others, which break the path only if there is nothing else to break."""
    names = {parameter.name for parameter in operation.path_parameters}
    found = next((ids for start, ids in known.items() if operation.path.startswith(start)), {})
    paths = {name: found[name] for name in names & found.keys()}
    yield operation.as_strategy(GenerationMode.POSITIVE, path_parameters=paths)
    has_more = bool(operation.body or list(operation.query))
    yield operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=paths if has_more else None)


def faults(requests, headers, answered):
    """What is wrong with the answers, in words; notes the status of each."""

    @seed(1)
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=WITHOUT_HEALTH_CHECKS
    )
    @given(case=requests)
    def send(case):
        here.clear()
        counts.clear()
        with transaction.atomic():
            answered.append(case.call_and_validate(headers=headers).status_code)
            transaction.set_rollback(True)

    try:
        send()
    except FailureGroup as found:
        return [found.message]
    return []


@pytest.mark.parametrize(
    ("role", "least_done"),
    [("anonymous", 2), ("member", 35), ("organiser", 25)],
    ids=["anonymous", "member", "organiser"],
)
def test_answers_are_those_of_the_schema(role, least_done, known, headers, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    found, done = [], set()
    for operation in operations():
        for requests in kinds_of_requests(operation, known):
            answered = []
            found += faults(requests, headers, answered)
            done |= {operation.label for status in answered if status < 300}
    assert not found, "\n\n".join(found)
    # Else all of them might have been refused at the door.
    assert len(done) >= least_done
