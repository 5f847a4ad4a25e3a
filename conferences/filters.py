from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from confbox.kit.clock import DatabaseNow


class WhenFilter(admin.SimpleListFilter):
    title = _("date")
    # The path from a row of the list to its conference.
    to_conference = ""
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("upcoming", _("Upcoming")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        past = Q(**{f"{self.to_conference}ends_at__lte": DatabaseNow()})
        return {"upcoming": queryset.exclude(past), "past": queryset.filter(past)}.get(self.value() or "")
