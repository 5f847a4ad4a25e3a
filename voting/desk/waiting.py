"""What waits for the organiser who opens the admin."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from conferences.models import Conference, JoinRequest
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election

Index = Callable[..., HttpResponse]


def waiting_for(request: HttpRequest) -> dict[str, Any]:
    """Which requests to join, campaigns and votes wait for the answer of the one who looks."""
    may = request.user.has_perms
    reviews = may(["voting.view_campaign", "voting.review_campaign"])
    decides = may(["voting.view_election", "voting.add_decision"])
    return {
        "requests": requests_to_join() if may(["conferences.change_conference"]) else [],
        "campaigns": Campaign.objects.waiting().count() if reviews else 0,
        "undecided": list(Election.objects.undecided()) if decides else [],
    }


def requests_to_join() -> list[tuple[Conference, int]]:
    """Active conferences in which requests to be let in wait, and how many."""
    waiting = JoinRequest.objects.to_answer().order_by().values("conference").annotate(number=Count("pk"))
    numbers = dict(waiting.values_list("conference", "number"))
    active = Conference.objects.filter(status=Conference.Status.ACTIVE, pk__in=numbers)
    return [(conference, numbers[conference.pk]) for conference in active]


def with_what_waits(index: Index) -> Index:
    """The first page of the admin, which shows it."""

    def show(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return index(request, {**(extra_context or {}), "waiting": waiting_for(request)})

    return show
