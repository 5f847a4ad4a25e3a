"""The description of the API in OpenAPI 3.1, with what every operation has in common."""

import json
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from confbox.api.callers import SAFE
from confbox.api.site import api
from confbox.kit.api.problems import CONTENT_TYPE, KINDS, TYPE_URL
from confbox.kit.api.routers import needs_of

PREFIX = "/api/v1/"
JSON = "application/json"
SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that you make in your settings. It begins with `cbx_`.",
    },
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "Your log-in in this browser, for trying operations out on this page. "
        "A change needs the header `X-CSRFToken` too.",
    },
}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal or failure, in the form of RFC 9457.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Names the kind. Compare this, never the sentences."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The sentence for the person, in their language."},
        "request_id": {"type": "string", "description": "Name it when you ask for help."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {
                        "type": "string",
                        "description": "Such as `required`; `invalid` if none fits.",
                    },
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Draw a new one for each act. The same request with the same key is done once, and "
    "answered in the same way for 24 hours.",
}
ETAG: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of an answer that you have; if it is still true, the answer is 304.",
}
HEADERS = {
    "RateLimit": {
        "schema": {"type": "string"},
        "description": "How many requests are left.",
    },
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": "How many requests there are at most."},
    "X-Request-ID": {"schema": {"type": "string"}, "description": "Name it when you ask for help."},
}


def _ref(part: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{part}/{name}"}


def problem_response(status: int) -> dict[str, Any]:
    """All kinds of problems with this status, each with an example."""
    found = {name: kind for name, kind in KINDS.items() if kind.status == status}
    examples = {
        name: {
            "value": {
                "type": TYPE_URL.format(kind=name),
                "title": str(kind.title),
                "status": status,
                "detail": str(kind.explanation),
                "request_id": "5f0c7d1e9a3b4c2d8e6f7a1b2c3d4e5f",
            }
        }
        for name, kind in found.items()
    }
    schema = _ref("schemas", "Problem")
    shown = [KINDS["refused"]] if "refused" in found else found.values()
    return {
        "description": " / ".join(str(kind.title) for kind in shown),
        "x-kinds": sorted(found),
        "headers": {name: _ref("headers", name) for name in HEADERS},
        "content": {CONTENT_TYPE: {"schema": schema, "examples": examples}},
    }


@cache
def document() -> dict[str, Any]:
    """Made once: with all operations it takes seconds."""
    with override("en"):
        schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
        del schema["servers"]
        for path, methods in schema["paths"].items():
            for method, details in methods.items():
                _complete(path, method.upper(), details, _operations()[details["operationId"]])
        components = schema["components"]
        components["schemas"]["Problem"] = PROBLEM
        components["securitySchemes"] = SCHEMES
        components["headers"] = HEADERS
        components["parameters"] = {shared["name"]: shared for shared in (ETAG, KEY)}
        statuses = sorted({kind.status for kind in KINDS.values()})
        components["responses"] = {str(status): problem_response(status) for status in statuses}
    return schema


@cache
def _operations() -> dict[str, Any]:
    """By the name of the function, which is unique."""
    views = [view for router in api._get_bound_routers() for view in router.path_operations.values()]  # noqa: SLF001
    return {op.view_func.__name__: op for view in views for op in view.operations}


def _complete(path: str, method: str, details: dict[str, Any], operation: Any) -> None:
    needs, is_safe = needs_of(operation), method in SAFE
    scopes = [needs.scope.value]
    details["security"] = [{"token": scopes}, {"login": scopes}] + ([{}] if needs.is_public else [])
    details["x-scope"] = needs.scope.value
    said = f"Scope: `{needs.scope}`" + (", or none." if needs.is_public else ".")
    details["description"] += f"\n\n{said}"
    if needs.all_conferences:
        details["description"] += " A token that is only for some conferences is not enough."
    details["parameters"].append(_ref("parameters", ETAG["name"] if is_safe else KEY["name"]))
    for answer in details["responses"].values():
        answer["headers"] = {name: _ref("headers", name) for name in HEADERS}
    if is_safe:
        details["responses"][304] = {"description": "The answer that you have is still true."}
    refused = {400, 401, 403, 422, 429, 500, 503} | ({404} if "{" in path else set())
    refused |= set() if is_safe else {409, 413, 415}
    details["responses"] |= {s: _ref("responses", str(s)) for s in sorted(refused)}
    if deprecation := operation.view_func.deprecation:
        details["description"] += f" **{deprecation.in_words}**"
    if operation.view_func.refusals:
        details["description"] += "\n\nRefused, for example:\n"
        details["description"] += "".join(f"\n- {sentence}" for sentence in operation.view_func.refusals)


def document_text() -> str:
    """As it is kept in docs/openapi.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


@cache
def _content() -> bytes:
    return json.dumps(document(), ensure_ascii=False).encode()


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_content(), content_type=JSON)
