from typing import Any, ClassVar

from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from pydantic import ConfigDict, Field

from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.my_data.export import everything_about
from accounts.my_data.views import EXPORTS
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work

router = ApiRouter("Me")


class OwnData(Answer):
    """Each part of the site adds its own: read them as far as you know them."""

    exported_at: Instant
    account: dict[str, Any] = Field(description="The person, their log-ins, and what was done to them.")

    model_config = ConfigDict(extra="allow")
    EXAMPLE: ClassVar = {
        "exported_at": "2027-02-01T09:30:00.000Z",
        "account": {"person": {"name": "Alice Example", "email": "alice@example.org"}},
        "conferences": [],
    }


@router.get(
    "people/export/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=OwnData,
    summary="All that is stored about you",
)
def export_my_data(request: PersonRequest) -> HttpResponse:
    """The same as the file on the page, without secrets such as your password. At most 20 times an hour.

    It has your votes, so it needs the scope for them. A log-in of the browser has to be a recent one.
    """
    require_fresh_log_in_of_browser(request)
    with heavy_work(EXPORTS, request):
        return _file(request)


@never_cache
def _file(request: PersonRequest) -> HttpResponse:
    return JsonResponse(everything_about(request.user))
