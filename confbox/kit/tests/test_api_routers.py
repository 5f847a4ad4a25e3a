"""An operation of the API that lacks something keeps the site from starting."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError

from confbox.kit.api.deprecations import Deprecation
from confbox.kit.api.fields import Answer, Day, Input, Instant
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope

DECLARED = {"scope": Scope.READ, "answer": None, "summary": "Test"}


def operation(request):
    """Does nothing."""


def test_complete_operation_is_accepted():
    assert ApiRouter("Tests").get("tests/", **DECLARED)(operation) is operation


def test_operation_needs_a_scope():
    with pytest.raises(TypeError, match="scope"):
        ApiRouter("Tests").get("tests/", answer=None, summary="Test")


def test_scope_has_to_exist():
    with pytest.raises(ValueError, match="everything"):
        ApiRouter("Tests").get("tests/", **DECLARED | {"scope": "everything"})


def test_operation_needs_a_description():
    with pytest.raises(ImproperlyConfigured, match="docstring"):
        ApiRouter("Tests").get("tests/", **DECLARED)(lambda request: None)


def test_path_ends_with_a_slash():
    with pytest.raises(ImproperlyConfigured, match="slash"):
        ApiRouter("Tests").get("tests", **DECLARED)(operation)


@pytest.mark.parametrize("loose", [int, float, bool, datetime])
def test_types_in_a_url_are_strict(loose):
    def read(request, number):
        """Does nothing."""

    read.__annotations__["number"] = loose
    with pytest.raises(ImproperlyConfigured, match="number"):
        ApiRouter("Tests").get("tests/", **DECLARED)(read)


def test_two_models_cannot_have_the_same_name():
    with pytest.raises(ImproperlyConfigured, match="Me"):
        type("Me", (Answer,), {"__module__": "somewhere.else"})


def test_operation_goes_six_months_after_it_is_announced():
    with pytest.raises(ImproperlyConfigured, match="183 days"):
        Deprecation(since=date(2027, 5, 1), sunset=date(2027, 10, 30))
    assert Deprecation(since=date(2027, 5, 1), sunset=date(2027, 10, 31)).sunset == date(2027, 10, 31)


def test_operation_that_is_to_go_is_marked_in_the_description():
    router, announced = ApiRouter("Tests"), Deprecation(since=date(2027, 5, 1), sunset=date(2027, 11, 1))
    router.get("tests/", **DECLARED, deprecated=announced)(operation)
    router.get("others/", **DECLARED)(operation)
    found = {path: view.operations[0].deprecated for path, view in router.ninja.path_operations.items()}
    assert found == {"tests/": True, "others/": None}


class Times(Input):
    at: Instant
    on: Day


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2027-05-01T09:00:00Z", "2027-05-01T09:00:00Z"),
        ("2027-05-01T09:00:00+02:00", "2027-05-01T07:00:00Z"),
        ("2027-05-01T09:00:00.5-01:30", "2027-05-01T10:30:00.500000Z"),
    ],
)
def test_time_is_answered_in_utc(given, read):
    assert Times(at=given, on="2027-05-01").model_dump(mode="json") == {"at": read, "on": "2027-05-01"}


@pytest.mark.parametrize(
    "wrong",
    [
        "2027-05-01T09:00:00", "2027-05-01 09:00:00Z", "2027-05-01", "1777626000", 1777626000, "",
        "2027-13-01T09:00:00Z", "2027-05-01T09:00:00+25:00", "0001-01-01T00:00:00+12:00", None,
        "２027-05-01T09:00:00Z",
    ],
)  # fmt: skip
def test_other_times_are_refused(wrong):
    with pytest.raises(ValidationError):
        Times(at=wrong, on="2027-05-01")


@pytest.mark.parametrize(
    "wrong", ["2027-02-30", "2027-5-1", "20270501", "2027-05-01T00:00:00Z", 20270501, None]
)
def test_other_days_are_refused(wrong):
    with pytest.raises(ValidationError):
        Times(at="2027-05-01T09:00:00Z", on=wrong)
