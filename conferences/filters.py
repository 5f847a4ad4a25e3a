from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from confbox.kit.clock import DatabaseNow
from conferences.models import VotingState


class WhenFilter(admin.SimpleListFilter):
    title = _("date")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("upcoming", _("Upcoming")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        past = Q(ends_at__lte=DatabaseNow())
        return {"upcoming": queryset.exclude(past), "past": queryset.filter(past)}.get(self.value() or "")


class VotingStateFilter(admin.SimpleListFilter):
    title = _("voting")
    parameter_name = "voting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return VotingState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        now, undecided = DatabaseNow(), Q(speaker=None, decided_at=None)
        ruled = undecided & Q(rules_set_at__isnull=False)
        without = Q(voting_opens_at=None) | Q(rules_set_at=None)
        conditions = {
            VotingState.UNSCHEDULED: undecided & without,
            VotingState.SCHEDULED: ruled & Q(voting_opens_at__gt=now),
            VotingState.OPEN: ruled & Q(voting_opens_at__lte=now, voting_closes_at__gt=now),
            VotingState.CLOSED: (ruled & Q(voting_closes_at__lte=now))
            | Q(speaker=None, decided_at__isnull=False),
            VotingState.DECIDED: ~Q(speaker=None),
        }
        condition = conditions.get(self.value())  # type: ignore[call-overload]
        return queryset.filter(condition) if condition else None
