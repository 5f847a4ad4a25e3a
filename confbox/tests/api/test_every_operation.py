"""What holds for every operation, now and later."""

import re

import pytest

from accounts.tests.factories import make_organiser
from confbox.api import openapi
from confbox.kit.api.scopes import Scope
from confbox.tests.api.calls import Program

pytestmark = pytest.mark.django_db
ORGANISING = {Scope.ORGANISE_READ, Scope.ORGANISE_WRITE}


OPERATIONS = [
    pytest.param(method.upper(), path, details, id=f"{method.upper()} {path}")
    for path, methods in openapi.document()["paths"].items()
    for method, details in methods.items()
]


def filled(path):
    """A path whose rows do not exist: who may not call the operation does not get to know."""
    return re.sub(r"\{(\w+)\}", lambda found: "open-conf" if found[1] == "slug" else "1", path)


def call(program, method, path):
    return program.send(method, filled(path).removeprefix("/api/v1/"), "")


@pytest.mark.parametrize(("method", "path", "details"), OPERATIONS)
def test_token_without_its_scope_is_refused_and_the_scope_named(roles, conference, method, path, details):
    organiser = make_organiser("organiser@example.org")
    others = [scope for scope in Scope if scope != details["x-scope"]]
    response = call(Program(organiser, *others), method, path)
    assert response.status_code == 403
    assert details["x-scope"] in response.json()["detail"]
    assert response.json()["type"] == "/api-docs/problems/missing-scope/"


@pytest.mark.parametrize(("method", "path", "details"), OPERATIONS)
def test_without_a_token_only_public_operations_are_answered(conference, method, path, details):
    response = call(Program(), method, path)
    assert (response.status_code == 401) == ({} not in details["security"])
    assert response.status_code in (200, 401, 404, 422)


@pytest.mark.parametrize(("method", "path", "details"), OPERATIONS)
def test_organisers_scopes_are_of_no_use_to_a_member(alice, method, path, details):
    program = Program()
    program.client.force_login(alice.user)
    if details["x-scope"] in ORGANISING:
        assert call(program, method, path).status_code == 403
