"""Which problem each exception is. What is not listed here is a fault of ours, and becomes a 500 or 503."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from ninja.errors import HttpError
from ninja.errors import ValidationError as InvalidRequest

from confbox.kit.api.problems import KINDS, OF_STATUS, Problem, problem_of
from confbox.kit.limits import LimitReached

# By the kind of error that Pydantic found, with its facts.
SENTENCES = {
    "missing": _("This is required."),
    "extra_forbidden": _("There is no such field."),
    "int_type": _("This must be a whole number."),
    "bool_type": _("This must be true or false."),
    "string_type": _("This must be a text."),
    "list_type": _("This must be a list."),
    "string_too_long": _("This can have %(max_length)d characters at most."),
    "greater_than_equal": _("This must be %(ge)s or more."),
    "less_than_equal": _("This must be %(le)s or less."),
    "literal_error": _("This must be one of: %(expected)s."),
    "instant": _("This must be a time with an offset, such as 2027-05-01T09:00:00+02:00."),
    "day": _("This must be a day, such as 2027-05-01."),
}
# What is the same as in a form has the code of Django's forms.
CODES = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "int_type": "wrong-type",
    "bool_type": "wrong-type",
    "string_type": "wrong-type",
    "list_type": "wrong-type",
    "string_too_long": "max-length",
    "greater_than_equal": "min-value",
    "less_than_equal": "max-value",
    "literal_error": "invalid-choice",
}
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


def _of_problem(request: HttpRequest, problem: Any) -> HttpResponse:
    return problem_of(request, problem)


def _of_limit(request: HttpRequest, reached: Any) -> HttpResponse:
    kind = "too-many-requests" if reached.status == 429 else "unavailable"
    wait = {"Retry-After": str(reached.retry_after_seconds)}
    return problem_of(request, Problem(kind, str(reached.sentence), headers=wait), status=reached.status)


def _of_refusal(request: HttpRequest, refusal: Any) -> HttpResponse:
    """What a verb refuses, with the sentence of the page; the fields that a form would mark are named."""
    if hasattr(refusal, "error_dict"):
        errors = [_of_field(name, found) for name, found in refusal.error_dict.items()]
        return problem_of(request, Problem("invalid", errors[0]["detail"], errors=errors))
    kind = _code(refusal)
    is_of_rule = kind in KINDS and KINDS[kind].status == HTTPStatus.CONFLICT
    return problem_of(request, Problem(kind if is_of_rule else "refused", " ".join(refusal.messages)))


def _of_field(name: str, found: list[ValidationError]) -> dict[str, str]:
    said = " ".join(sentence for error in found for sentence in error.messages)
    return {"field": "" if name == NON_FIELD_ERRORS else name, "code": _code(found[0]), "detail": said}


def _code(refusal: ValidationError) -> str:
    """That of the first, if it is several."""
    return (refusal.error_list[0].code or "invalid").replace("_", "-")


def _of_missing(request: HttpRequest, _missing: Any) -> HttpResponse:
    return problem_of(request, Problem("not-found"))


def _of_forbidden(request: HttpRequest, denied: Any) -> HttpResponse:
    return problem_of(request, Problem("not-permitted", str(denied)))


def _of_old_log_in(request: HttpRequest, _required: Any) -> HttpResponse:
    return problem_of(request, Problem("log-in-again"))


def _of_large_body(request: HttpRequest, _large: Any) -> HttpResponse:
    return problem_of(request, Problem("too-large"))


def _of_unreadable(request: HttpRequest, _unreadable: Any) -> HttpResponse:
    return problem_of(request, Problem("unreadable"))


def _of_invalid_request(request: HttpRequest, found: Any) -> HttpResponse:
    errors = [
        {
            "field": _field(error["loc"]),
            "code": CODES.get(error["type"], "invalid"),
            "detail": _said(error),
        }
        for error in found.errors
    ]
    return problem_of(request, Problem("invalid", errors=errors))


def _field(place: tuple[Any, ...]) -> str:
    """Without where the field is (body, query, path) and, in a body, the name of our own argument."""
    inner = place[2:] if place[0] == "body" else place[1:]
    return ".".join(str(step) for step in inner)


def _said(error: dict[str, Any]) -> str:
    sentence = SENTENCES.get(error["type"], _("This is not valid."))
    return f"{sentence % error.get('ctx', {})}"


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Problem: _of_problem,
    LimitReached: _of_limit,
    ValidationError: _of_refusal,
    InvalidRequest: _of_invalid_request,
    Http404: _of_missing,
    ObjectDoesNotExist: _of_missing,
    PermissionDenied: _of_forbidden,
    ReauthenticationRequired: _of_old_log_in,
    RequestDataTooBig: _of_large_body,
    UnreadablePostError: _of_unreadable,
    HttpError: _of_unreadable,
}


def problem_for(request: HttpRequest, error: Exception) -> HttpResponse:
    """Raises the error again if it is a fault of ours."""
    for kind in type(error).__mro__:
        if kind in HANDLERS:
            return HANDLERS[kind](request, error)
    raise error


def instead_of_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The problem in place of a page: of Django's own answers, and of layers that are for pages."""
    kind = OF_STATUS.get(response.status_code, "failure" if response.status_code >= 500 else "unreadable")
    problem = problem_of(request, Problem(kind), status=response.status_code)
    for name in KEPT_HEADERS:
        if name in response.headers:
            problem.headers[name] = response.headers[name]
    problem.cookies = response.cookies
    return problem
