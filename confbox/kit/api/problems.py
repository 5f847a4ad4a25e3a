"""Refusals and failures of the API, in the form of RFC 9457."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CONTENT_TYPE = "application/problem+json"
# The page that explains a kind of problem; a program compares it as a text.
TYPE_URL = "/api-docs/problems/{kind}/"


@dataclass(frozen=True)
class Kind:
    """A kind of problem. Its name and status never change, its title and explanation may."""

    status: int
    title: str | Promise
    explanation: str | Promise


def refusal(title: str | Promise, explanation: str | Promise) -> Kind:
    """Of a rule. A verb names it by the code of its ValidationError, such as `voting_not_open`."""
    return Kind(409, title, explanation)


# Those of the rules of an app are registered by that app.
KINDS: dict[str, Kind] = {
    "unreadable": Kind(
        400,
        _("The request cannot be read."),
        _("Its body is not JSON in UTF-8, has a name twice, or has a character that cannot be stored."),
    ),
    "no-token": Kind(
        401,
        _("A token is missing or cannot be used."),
        _("Send a token as “Authorization: Bearer cbx_…”. It may have expired or been ended by its owner."),
    ),
    "missing-scope": Kind(
        403,
        _("The token does not have the scope for this."),
        _("Make a token with the scope that the detail names. Scopes of a token cannot be changed."),
    ),
    "other-conference": Kind(
        403,
        _("The token is not for this conference."),
        _("Use a token that is for this conference, or for all."),
    ),
    "forged-request": Kind(
        403,
        _("The request did not come from this site."),
        _("With a log-in in place of a token, a change needs the header X-CSRFToken."),
    ),
    "log-in-again": Kind(
        403,
        _("Please log in again."),
        _("This needs a recent log-in in the browser, or a second factor."),
    ),
    "not-permitted": Kind(
        403,
        _("You are not permitted to do this."),
        _("Your role does not permit it."),
    ),
    "not-a-member": Kind(
        403,
        _("This is for members of the conference."),
        _("The detail says what you need to become one, or to vote."),
    ),
    "not-found": Kind(
        404,
        _("This does not exist, or not for you."),
        _("What you may not see looks like what does not exist."),
    ),
    "method-not-allowed": Kind(
        405,
        _("This cannot be done here."),
        _("The header Allow has the methods that this URL has."),
    ),
    "refused": Kind(
        409,
        _("A rule refuses this."),
        _("The detail is the sentence that the page shows, in your language. Nothing was changed."),
    ),
    "outdated": refusal(
        _("This has changed since you read it."),
        _("Nothing was done. Read it again, and decide then."),
    ),
    "gone": refusal(
        _("This does not exist any more."),
        _("It was deleted or replaced in the meantime."),
    ),
    "not-stored": refusal(
        _("This could not be stored just now."),
        _("Another request was faster. Send it again."),
    ),
    "reason-missing": refusal(
        _("A reason is needed."),
        _("The detail says who reads it."),
    ),
    "time-refused": refusal(
        _("This time cannot be chosen."),
        _("It is too early, too late or the present one. The detail says what is possible."),
    ),
    "too-many": refusal(
        _("No more can be added."),
        _("The detail has the limit."),
    ),
    "file-refused": refusal(
        _("This file cannot be used."),
        _("It is empty, too large, damaged or of another kind. The detail says which."),
    ),
    "rows-refused": refusal(
        _("Some rows cannot be used."),
        _("Nothing was imported. The detail names each row with what is wrong with it."),
    ),
    "answer-not-kept": Kind(
        409,
        _("This was done before, and its answer was not kept."),
        _("The answer contained a secret. The request was not done again."),
    ),
    "too-large": Kind(
        413,
        _("The request is too large."),
        _("A body can have at most 1 MB."),
    ),
    "not-json": Kind(
        415,
        _("The request is not JSON."),
        _("Send the body with “Content-Type: application/json”."),
    ),
    "invalid": Kind(
        422,
        _("Something in the request is not valid."),
        _("The field “errors” has each field with what is wrong with it."),
    ),
    "key-reused": Kind(
        422,
        _("This idempotency key was used for another request."),
        _("Use a new key for each act; the same key only to send the same request again."),
    ),
    "too-many-requests": Kind(
        429,
        _("Too many requests."),
        _("The header Retry-After has the seconds until the next request is answered."),
    ),
    "failure": Kind(
        500,
        _("Something went wrong on our side."),
        _("It has been logged under the request ID. If you sent an idempotency key, you can send it again."),
    ),
    "unavailable": Kind(
        503,
        _("The site cannot answer right now."),
        _("Please try again after the seconds in the header Retry-After."),
    ),
}
# Where only the status is known, such as for an answer of Django itself.
OF_STATUS = {
    400: "unreadable",
    401: "no-token",
    403: "not-permitted",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "not-json",
    422: "invalid",
    429: "too-many-requests",
    503: "unavailable",
}


def register(kinds: Mapping[str, Kind]) -> None:
    if twice := KINDS.keys() & kinds.keys():
        raise ImproperlyConfigured(f"These kinds of problems exist already: {', '.join(sorted(twice))}.")
    KINDS.update(kinds)


class Problem(Exception):
    """Raised by what finds the request wrong before a verb is called; the verb raises its own refusals."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind, detail)
        self.kind, self.detail, self.errors, self.headers = kind, detail, errors, headers or {}


def invalid(field: str, detail: str, code: str = "invalid") -> Problem:
    return Problem("invalid", errors=[{"field": field, "code": code, "detail": detail}])


def problem_of(request: HttpRequest, problem: Problem, *, status: int = 0) -> HttpResponse:
    """`status` is for one that is not that of the kind."""
    known = KINDS[problem.kind]
    said: dict[str, Any] = {
        "type": TYPE_URL.format(kind=problem.kind),
        "title": str(known.title),
        "status": status or known.status,
        "detail": problem.detail or str(known.explanation),
        "request_id": getattr(request, "request_id", ""),
    }
    if problem.errors:
        said["errors"] = list(problem.errors)
    response = HttpResponse(
        json.dumps(said, ensure_ascii=False), status=said["status"], content_type=CONTENT_TYPE
    )
    for name, value in problem.headers.items():
        response.headers[name] = value
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
