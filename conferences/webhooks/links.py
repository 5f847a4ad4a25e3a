"""Where the pages of webhooks are, and the tab that leads to them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference, Series
from conferences.organising.checklist import Look
from conferences.organising.tabs import CHANGE as CHANGE
from conferences.organising.tabs import Tab, page

Scope = Series | Conference


def prefix_of(model: type[Scope]) -> str:
    return "conferences_webhooks" if model is Conference else "conferences_series_webhooks"


def url_of_list(scope: Scope) -> str:
    return reverse(f"admin:{prefix_of(type(scope))}", args=[scope.pk])


def url_of(scope: Scope, name: str, *ids: int) -> str:
    return reverse(f"admin:{prefix_of(type(scope))}_{name}", args=[scope.pk, *ids])


def _is_real(look: Look) -> bool:
    return not look.conference.is_rehearsal


WEBHOOKS = Tab(
    order=85,
    name="webhooks",
    label=_("Webhooks and chat"),
    permission=CHANGE,
    url=page("conferences_webhooks"),
    is_shown=_is_real,
)
