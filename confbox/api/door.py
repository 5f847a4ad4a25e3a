"""Every request to an operation comes through here: who, how often, with which scope, and once or again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.answering_once import Sent, answer_once
from accounts.models import User
from confbox.api.callers import SAFE, caller_of_session
from confbox.kit.api.bodies import MOST_BYTES, refuse_unstorable_text
from confbox.kit.api.problems import Problem, invalid
from confbox.kit.api.rates import count_request
from confbox.kit.api.routers import needs_of
from confbox.kit.api.scopes import Needs
from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limits import network_key

KEY = "Idempotency-Key"
LONGEST_KEY = 255


def through_the_door(run: Any) -> Callable[..., HttpResponse]:
    """Wraps `Operation.run` of Django Ninja, which reads the fields, calls our function and answers."""
    operation = run.__self__
    needs = needs_of(operation)
    fields = {name for m in operation.models if m.__ninja_param_source__ == "query" for name in names_of(m)}
    has_body = any(model.__ninja_param_source__ == "body" for model in operation.models)

    @wraps(run)
    def admitted(request: Any, **url: Any) -> HttpResponse:
        request.deprecation = operation.view_func.deprecation
        try:
            _check_body(request, has_body=has_body)
            _admit(request, needs, url.get("slug", ""))
            _check_query(request, fields)
            response: HttpResponse = _once(request, needs, lambda: run(request, **url))
        except Exception as error:  # noqa: BLE001  # raises what it does not know
            response = operation.api.on_exception(request, error)
        return response

    return admitted


def names_of(model: Any) -> list[str]:
    """The names that a query may have."""
    return list(model.__ninja_flatten_map__)


def _check_body(request: HttpRequest, *, has_body: bool) -> None:
    """Before the session is asked whether the request is forged, which would parse a form."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > MOST_BYTES:
        raise Problem("too-large")
    if length and request.content_type != "application/json":
        raise Problem("not-json")
    if length and not has_body and request.body.strip() not in (b"", b"{}"):
        raise invalid("", _("This operation has no body."))


def _admit(request: Any, needs: Needs, slug: str) -> None:
    if not hasattr(request, "caller"):
        request.caller = caller_of_session(request)
    caller = request.caller
    if caller is None:
        request.usage = count_request(network=network_key(client_ip_address(request)))
        if needs.is_public:
            return
        raise Problem("no-token")
    request.usage = count_request(caller=caller.key)
    if not caller.has_scope(needs.scope):
        said = _("This needs the scope “%(scope)s”.") % {"scope": needs.scope.value}
        raise Problem("missing-scope", said)
    if needs.all_conferences and not caller.covers_all:
        raise Problem("other-conference", _("This needs a token for all conferences."))
    if slug and not caller.covers(slug):
        raise Problem("other-conference")


def _check_query(request: HttpRequest, fields: set[str]) -> None:
    for name, values in request.GET.lists():
        if name not in fields:
            raise invalid(name, _("There is no such field."), "unknown-field")
        if len(values) > 1:
            raise invalid(name, _("This can be given only once."))
        refuse_unstorable_text(values[0])


def _once(request: Any, needs: Needs, act: Callable[[], HttpResponse]) -> HttpResponse:
    key = request.headers.get(KEY)
    if key is None or request.method in SAFE or not isinstance(request.user, User):
        return act()
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise invalid(KEY, _("A key has 1 to 255 visible ASCII characters."))
    sent = Sent.of(
        request.user,
        caller=request.caller.key,
        key=key,
        parts=[request.method.encode(), request.get_full_path().encode(), request.body],
        is_secret=not needs.keeps_answer,
    )
    return answer_once(sent, act)
