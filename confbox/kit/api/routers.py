"""How an operation is declared: its path, its scope, its answer, and the words of its documentation."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import wraps
from http import HTTPStatus
from inspect import signature
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from confbox.kit.api.deprecations import Deprecation
from confbox.kit.api.pages import Page
from confbox.kit.api.scopes import Needs, Scope

Operation = TypeVar("Operation", bound=Callable[..., Any])
CONTENT_TYPE = "application/json"


class ApiRouter:
    """The operations of one noun.

    Each one names its scope and the model of its answer; its docstring is its description. All operations of
    one path belong to the same router. Whatever changes something is a POST, as on the pages: a proxy may
    repeat a PUT or DELETE of which it got no answer.
    """

    def __init__(self, tag: str) -> None:
        self.ninja = Router(tags=[tag])

    def get(self, path: str, **declared: Any) -> Callable[[Operation], Operation]:
        return self._operation("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[Operation], Operation]:
        return self._operation("POST", path, **declared)

    def _operation(
        self,
        method: str,
        path: str,
        *,
        scope: Scope,
        answer: Any,
        summary: str,
        status: int = HTTPStatus.OK,
        refusals: Sequence[str] = (),
        deprecated: Deprecation | None = None,
        public: bool = False,
        **needed: bool,
    ) -> Callable[[Operation], Operation]:
        """`refusals` are examples of what a verb refuses, for the documentation; `needed` are of `Needs`."""
        needs = Needs(Scope(scope), is_public=public, **needed)

        def declare(view: Operation) -> Operation:
            if not view.__doc__:
                raise ImproperlyConfigured(f"{view.__name__} needs a docstring: it is its description.")
            if not path.endswith("/"):
                raise ImproperlyConfigured(f"{path} must end with a slash, as the site's pages do.")
            _refuse_loose_types(view)
            answering = _answering(view, status)
            answering.needs = needs  # type: ignore[attr-defined]
            answering.refusals = tuple(refusals)  # type: ignore[attr-defined]
            answering.deprecation = deprecated  # type: ignore[attr-defined]
            self.ninja.add_api_operation(
                path,
                [method],
                answering,
                response=dict.fromkeys(_statuses(answer, status), answer),
                summary=summary,
                operation_id=view.__name__,
                url_name=view.__name__,
                deprecated=deprecated is not None or None,
            )
            return view

        return declare


def _statuses(answer: Any, status: int) -> list[int]:
    return [int(status), *([int(HTTPStatus.ACCEPTED)] if getattr(answer, "CAN_WAIT", False) else [])]


def _refuse_loose_types(view: Callable[..., Any]) -> None:
    """In a URL, Pydantic would read 1_0 as a number, and `on` as true."""
    loose = {
        name: given.annotation
        for name, given in signature(view).parameters.items()
        if given.annotation in (int, float, bool, datetime, date)
    }
    if loose:
        raise ImproperlyConfigured(f"{view.__name__} reads {loose}: use a type of confbox.kit.api.fields.")


def _answering(view: Callable[..., Any], status: int) -> Callable[..., HttpResponseBase]:
    """Writes the answer at once: the model has checked it already."""

    @wraps(view)
    def answering(request: HttpRequest, **values: Any) -> HttpResponseBase:
        found = view(request, **values)
        if isinstance(found, HttpResponseBase):
            return found
        answered = HTTPStatus.ACCEPTED if found.waits() else status
        response = HttpResponse(found.model_dump_json(), status=answered, content_type=CONTENT_TYPE)
        if isinstance(found, Page) and found.next:
            query = urlencode({**request.GET.dict(), "cursor": found.next})
            response.headers["Link"] = f'<{request.build_absolute_uri(request.path)}?{query}>; rel="next"'
        return response

    return answering


def needs_of(operation: Any) -> Needs:
    """What the operation declared."""
    needs: Needs = operation.view_func.needs
    return needs
