from typing import Any

from django import template

from voting.campaigns.models import Campaign
from voting.elections.election.models import Election

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting_for_organiser(context: dict[str, Any]) -> dict[str, Any]:
    """How many campaigns wait for the review, and which votes for the decision, of the one who looks."""
    may = context["request"].user.has_perms
    reviews = may(["voting.view_campaign", "voting.review_campaign"])
    decides = may(["voting.view_election", "voting.add_decision"])
    return {
        "campaigns": Campaign.objects.waiting().count() if reviews else 0,
        "undecided": list(Election.objects.undecided()) if decides else [],
    }
