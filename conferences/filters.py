from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from confbox.kit.clock import DatabaseNow
from conferences.models import Series


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


class EmptyInWords(admin.EmptyFieldListFilter):
    """Whether a column has a value, in words instead of “Empty” and “Not empty”."""

    heading: Any
    empty: Any
    filled: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = self.heading

    def choices(self, changelist: Any) -> Any:
        words = {gettext("Empty"): self.empty, gettext("Not empty"): self.filled}
        for choice in super().choices(changelist):
            # With facets, the number follows.
            label, space, number = str(choice["display"]).partition(" (")
            yield choice | {"display": f"{words.get(label, label)}{space}{number}"}


class SeriesFilter(admin.SimpleListFilter):
    """Offers the series of the conferences that the person runs, if there are several."""

    title = _("series")
    parameter_name = "series"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        managed = model_admin.get_queryset(request).order_by().values("series")
        found = [
            (str(pk), name) for pk, name in Series.objects.filter(pk__in=managed).values_list("pk", "name")
        ]
        return found if len(found) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        is_offered = any(self.value() == pk for pk, _name in self.lookup_choices)
        return queryset.filter(series=self.value()) if is_offered else None
