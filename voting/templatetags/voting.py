from typing import Any

from django import template

from conferences.models import Conference, Membership
from voting.eligibility import conditions
from voting.models import Vote

register = template.Library()


@register.inclusion_tag("voting/_conditions.html", takes_context=True)
def can_i_vote(
    context: dict[str, Any], conference: Conference, membership: Membership | None
) -> dict[str, Any]:
    """Every condition of voting with yes or no, for the person who looks at the conference."""
    user = context["request"].user
    found = conditions(user=user, conference=conference, membership=membership)
    return {
        "conference": conference,
        "conditions": found,
        "can_vote": all(c.holds for c in found),
        "next_step": next((c.refusal for c in found if not c.holds), ""),
        "vote": Vote.objects.filter(voter=membership).first() if membership else None,
    }
