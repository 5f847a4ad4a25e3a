"""What waits for the organiser who opens the admin."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from conferences.models import Conference, JoinRequest
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election

Index = Callable[..., HttpResponse]


def waiting_for(request: HttpRequest) -> dict[str, Any]:
    """Which requests to join, campaigns and votes wait for the answer of the one who looks."""
    user, campaigns, elections = request.user, Campaign.objects.waiting(), Election.objects.undecided()
    for permission in ("voting.view_campaign", "voting.review_campaign"):
        campaigns = campaigns.managed_by(user, permission)
    for permission in ("voting.view_election", "voting.add_decision"):
        elections = elections.managed_by(user, permission)
    return {
        "requests": requests_to_join(Conference.objects.managed_by(user, "conferences.admit_membership")),
        "campaigns": campaigns.count(),
        "undecided": list(elections),
    }


def requests_to_join(conferences: QuerySet[Conference]) -> list[tuple[Conference, int]]:
    """The active ones of these conferences in which requests to be let in wait, and how many."""
    active = conferences.filter(status=Conference.Status.ACTIVE)
    waiting = JoinRequest.objects.to_answer().filter(conference__in=active.order_by().values("pk"))
    counted = waiting.order_by().values("conference").annotate(number=Count("pk"))
    numbers = dict(counted.values_list("conference", "number"))
    active = active.filter(pk__in=numbers)
    return [(conference, numbers[conference.pk]) for conference in active]


def with_what_waits(index: Index) -> Index:
    """The first page of the admin, which shows it."""

    def show(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return index(request, {**(extra_context or {}), "waiting": waiting_for(request)})

    return show
