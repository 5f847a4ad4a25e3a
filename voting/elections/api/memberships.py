from typing import ClassVar, Literal

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Slug
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.views import own_membership
from voting.elections import actions

router = ApiRouter("Conferences")


class Left(Answer):
    conference: Slug
    outcome: Literal["made", "none"]

    EXAMPLE: ClassVar = {"conference": "open-conf", "outcome": "made"}


@router.post("conferences/{slug}/leave/", scope=Scope.VOTE, answer=Left, summary="Leave a conference")
def leave_conference(request: PersonRequest, slug: Slug) -> Left:
    """Ends your membership. Before voting closes, your vote and votes for you become void.

    For those who are not members, the conference does not exist here.
    """
    outcome = actions.leave_conference(membership=own_membership(request, slug), by=actor_of(request))
    return Left(conference=slug, outcome=outcome.value)
