"""The description of the API is complete, and kept in the repository so that a change of it is seen."""

import json
import os

import pytest
from django.conf import settings

from confbox.api import openapi
from confbox.kit.api.fields import NAMES
from confbox.kit.api.scopes import Scope

FILE = settings.BASE_DIR / "docs/openapi.json"


def operations():
    document = openapi.document()
    return [
        (f"{method.upper()} {path}", details)
        for path, methods in document["paths"].items()
        for method, details in methods.items()
    ]


def test_file_in_the_repository_is_up_to_date():
    """WRITE_OPENAPI=1 writes it; read every changed line before committing it."""
    text = openapi.document_text()
    if os.environ.get("WRITE_OPENAPI"):
        FILE.write_text(text)
    assert FILE.read_text() == text


@pytest.mark.parametrize(
    ("name", "details"), operations(), ids=lambda part: part if isinstance(part, str) else ""
)
def test_operation_is_described(name, details):
    assert details["summary"]
    assert len(details["description"]) > 20
    assert details["x-scope"] in set(Scope)
    assert {str(status) for status in details["responses"]} >= {"401", "403", "422", "429", "503"}


def of_the_site():
    """Without those of tests."""
    return {name: model for name, model in NAMES.items() if ".tests." not in model.__module__}


def models():
    return [model for model in of_the_site().values() if "EXAMPLE" in vars(model)]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_example_is_valid(model):
    model.model_validate_json(json.dumps(model.EXAMPLE))


def test_every_body_and_answer_has_an_example():
    shared = {"Input", "Answer", "Page", "Paging"}
    assert [name for name, model in of_the_site().items() if not model.EXAMPLE and name not in shared] == []


def test_operations_have_names_of_their_own():
    names = [details["operationId"] for _name, details in operations()]
    assert len(names) == len(set(names))


def test_document_is_served_to_anyone(client):
    response = client.get("/api/v1/openapi.json")
    assert json.loads(response.content)["openapi"] == "3.1.0"
