"""Every page that accepts a form has its operation in the API, or a reason why not."""

import pytest

from confbox.api import openapi
from confbox.tests.api.twins import READ_ONLY_PAGES, REASONS, SHOWN, TWINS
from confbox.tests.routes import TABLE, WIDTH

LOGGED_IN = slice(1, None)


def accepts_forms():
    """The patterns of the table of routes for which a POST is more than a wrong method to some role."""
    for line in TABLE.read_text().splitlines():
        pattern, answers = line[5 : 5 + WIDTH].strip(), line[5 + WIDTH :].split()
        if line.startswith("POST ") and set(answers[LOGGED_IN]) != {"405"} and not is_of_api(pattern):
            yield pattern


def is_of_api(pattern):
    return pattern.startswith("api/")


def has_reason(pattern):
    return any(pattern.startswith(start) for start in REASONS)


def operations():
    found = {}
    for methods in openapi.document()["paths"].values():
        for method, details in methods.items():
            found[details["operationId"]] = method
    return found


def test_every_form_has_a_twin_or_a_reason():
    known = {*TWINS, *SHOWN, *READ_ONLY_PAGES}
    assert [pattern for pattern in accepts_forms() if pattern not in known and not has_reason(pattern)] == []


def test_no_form_is_in_two_lists():
    lists = [*TWINS, *SHOWN, *READ_ONLY_PAGES]
    assert len(lists) == len(set(lists))
    assert [pattern for pattern in lists if has_reason(pattern)] == []


def test_lists_name_only_what_exists():
    forms = set(accepts_forms())
    assert {*TWINS, *SHOWN, *READ_ONLY_PAGES} - forms == set()
    assert [start for start in REASONS if not any(form.startswith(start) for form in forms)] == []


@pytest.mark.parametrize("operation", sorted(set(TWINS.values())))
def test_twin_is_an_operation_that_changes_something(operation):
    assert operations()[operation] != "get"


@pytest.mark.parametrize("operation", sorted(set(SHOWN.values())))
def test_page_that_takes_no_form_is_read_by_an_operation(operation):
    assert operations()[operation] == "get"
