from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from confbox.kit.clock import DatabaseNow
from conferences.filters import WhenFilter
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election, VotingState


class ElectionWhenFilter(WhenFilter):
    to_conference = "conference__"


class VotingStateFilter(admin.SimpleListFilter):
    title = _("voting")
    # The path from a row of the list to its election.
    to_election = ""
    parameter_name = "voting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return VotingState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        now, is_set = DatabaseNow(), self._where(rules_set_at__isnull=False)
        undecided = self._where(speaker=None, decided_at=None)
        ruled, decided = undecided & is_set, self._where(speaker__isnull=False)
        without = self._where(opens_at=None) | self._where(rules_set_at=None, opens_at__lte=now)
        given_up = self._where(speaker=None, decided_at__isnull=False)
        draft = self._where(pk__in=Election.objects.awaiting_publication())
        due = ruled & self._where(opens_at__lte=now, closes_at__gt=now)
        conditions = {
            VotingState.UNSCHEDULED: undecided & (without | draft & self._where(closes_at__lte=now)),
            VotingState.SCHEDULED: undecided & self._where(opens_at__gt=now) | due & draft,
            VotingState.OPEN: due & ~draft,
            VotingState.CLOSED: (ruled & self._where(closes_at__lte=now) & ~draft) | given_up,
            VotingState.DECIDED: decided,
        }
        stopped = self._where(pk__in=Election.objects.stopped())
        if self.value() == VotingState.CANCELLED:
            return queryset.filter(stopped)
        condition = conditions.get(self.value())  # type: ignore[call-overload]
        return queryset.filter(condition, ~stopped) if condition else None

    def _where(self, **columns: Any) -> Q:
        return Q(**{f"{self.to_election}{name}": value for name, value in columns.items()})


class ConferenceVotingFilter(VotingStateFilter):
    to_election = "election__"


class CampaignStatusFilter(admin.SimpleListFilter):
    """Shows all for a value of its own, because the list without any shows what waits."""

    title = _("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("all", _("All")), *Campaign.Status.choices]

    def choices(self, changelist: Any) -> Any:
        """Without Django's own "All", which comes first and has no value."""
        return list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        return queryset.filter(status=self.value()) if self.value() in Campaign.Status.values else None
