"""What waits for the organiser who opens the admin."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from voting.campaigns.models import Campaign
from voting.elections.election.models import Election

Index = Callable[..., HttpResponse]


def waiting_for(request: HttpRequest) -> dict[str, Any]:
    """How many campaigns wait for the review, and which votes for the decision, of the one who looks."""
    may = request.user.has_perms
    reviews = may(["voting.view_campaign", "voting.review_campaign"])
    decides = may(["voting.view_election", "voting.add_decision"])
    return {
        "campaigns": Campaign.objects.waiting().count() if reviews else 0,
        "undecided": list(Election.objects.undecided()) if decides else [],
    }


def with_what_waits(index: Index) -> Index:
    """The first page of the admin, which shows it."""

    def show(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return index(request, {**(extra_context or {}), "waiting": waiting_for(request)})

    return show
