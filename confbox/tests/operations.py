"""The operations of the API, as walks over all routes request them.

A log-in of the browser has every scope that its roles give. The body is the example of the documentation, so
that nothing is refused before its rows are looked up.
"""

import json
import re
from functools import cache
from urllib.parse import urlencode

from django.urls import resolve

from confbox.api import openapi
from confbox.kit.limits import here

PREFIX = "api/v1/"
METHODS = ("GET", "POST")
# The fields of a body that have the ID of a row, and its sample.
ROWS_OF_BODIES = {"candidate": "member_id", "series": "series"}
QUERY = {"closes_at": "2027-04-22T10:00:00Z"}


@cache
def document():
    return openapi.document()


def operations_at(pattern):
    """By method, of a route as the URLconf has it."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)
    return {method.upper(): found for method, found in document()["paths"].get(f"/{path}", {}).items()}


def methods(pattern):
    """All that are walked; of the API those that it has, as another one is refused before anything else."""
    return tuple(method for method in METHODS if method in (operations_at(pattern) or METHODS))


def is_operation(pattern):
    return bool(operations_at(pattern))


def is_of_api(path):
    return path.removeprefix("/").startswith(PREFIX)


def has_rows_in_body(pattern):
    return not ROWS_OF_BODIES.keys().isdisjoint(example(operations_at(pattern).get("POST", {})))


def example(operation):
    """An example of the body, or nothing."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    names = [part["$ref"].rpartition("/")[2] for part in schema.get("anyOf", [schema]) if "$ref" in part]
    return document()["components"]["schemas"][names[0]]["examples"][0] if names else {}


def query(operation):
    """What the query must have."""
    needed = [given for given in operation.get("parameters", ()) if given.get("required")]
    found = {given["name"]: given["schema"] for given in needed if given["in"] == "query"}
    return urlencode({name: QUERY.get(name) or schema["enum"][0] for name, schema in found.items()})


def send(client, method, path, samples=None):
    """Requests an operation with its example, in which rows are those of the samples."""
    # A walk sends more requests in a minute than a program may.
    here.clear()
    operation = operations_at(resolve(path.partition("?")[0]).route).get(method, {})
    rows = {field: samples[name] for field, name in ROWS_OF_BODIES.items() if name in (samples or {})}
    body = {name: rows.get(name, value) for name, value in example(operation).items()}
    asked = query(operation)
    url = f"{path}?{asked}" if asked else path
    return client.generic(method, url, json.dumps(body) if body else "", "application/json")
