"""An operation that is to go says so in its answers and in the documentation."""

from datetime import date

import pytest

from confbox.api import openapi
from confbox.kit.api.deprecations import Deprecation
from confbox.tests.api.calls import Program

pytestmark = pytest.mark.django_db
SAID = {"Deprecation": "@1809129600", "Sunset": "Mon, 01 Nov 2027 00:00:00 GMT"}


@pytest.fixture
def going(monkeypatch):
    openapi.document.cache_clear()
    operation = openapi._operations()["me"]
    announced = Deprecation(since=date(2027, 5, 1), sunset=date(2027, 11, 1))
    monkeypatch.setattr(operation.view_func, "deprecation", announced)
    yield
    openapi.document.cache_clear()


def said(response):
    return {name: value for name, value in response.headers.items() if name in SAID}


def test_answers_say_when_the_operation_goes(going, alice):
    program = Program(alice.user)
    answer = program.get("me/")
    assert said(answer) == SAID
    unchanged = program.get("me/", **{"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status_code, said(unchanged)) == (304, SAID)
    assert said(Program().get("me/")) == SAID


def test_other_operations_do_not(going, alice):
    assert said(Program(alice.user).get("conferences/")) == {}


def test_documentation_says_so(going):
    assert "**Deprecated since 2027-05-01; gone from 2027-11-01 on.**" in str(
        openapi.document()["paths"]["/api/v1/me/"]["get"]["description"]
    )
