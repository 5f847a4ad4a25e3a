from typing import ClassVar, Literal

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, RowID, Slug, UrlID
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api_access.models import ApiToken
from conferences.api_tokens import actions

router = ApiRouter("Me")
Scopes = Literal["read", "vote", "campaign", "organise:read", "organise:write"]


class OwnToken(Answer):
    id: RowID
    name: str
    scopes: list[Scopes]
    conferences: list[Slug] | None = Field(description="Those that it is for; null if it is for all.")
    made_at: Instant
    expires_at: Instant
    ended_at: Instant | None
    is_active: bool
    last_used_at: Instant | None = Field(description="To ten minutes; to one from another IP address.")
    last_used_from: str | None = Field(description="The IP address.")

    EXAMPLE: ClassVar = {
        "id": 3,
        "name": "Laptop",
        "scopes": ["read", "vote"],
        "conferences": None,
        "made_at": "2027-02-01T09:30:00Z",
        "expires_at": "2027-05-02T09:30:00Z",
        "ended_at": None,
        "is_active": True,
        "last_used_at": "2027-02-03T17:12:00Z",
        "last_used_from": "192.0.2.7",
    }

    @classmethod
    def of(cls, token: ApiToken) -> "OwnToken":
        chosen = None if token.all_conferences else [each.slug for each in token.conferences.all()]
        return cls(
            id=token.pk,
            name=token.name,
            scopes=token.scope_names,
            conferences=chosen,
            made_at=token.created_at,
            expires_at=token.expires_at,
            ended_at=token.ended_at,
            is_active=token.is_active(),
            last_used_at=token.last_used_at,
            last_used_from=token.last_used_ip,
        )


@router.get(
    "accounts/tokens/",
    scope=Scope.READ,
    all_conferences=True,
    answer=Page[OwnToken],
    summary="Your tokens",
)
def api_tokens(request: PersonRequest, paging: Query[Paging]) -> Page[OwnToken]:
    """The newest first, also those that ended in the last 90 days. Never what you send: it is not stored."""
    rows = ApiToken.objects.filter(owner=request.user).prefetch_related("conferences")
    return page_of_rows(rows, paging, order=("-pk",), show=OwnToken.of)


@router.post(
    "accounts/tokens/{token_id}/end/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=Done,
    summary="End a token",
)
def end_token(request: PersonRequest, token_id: UrlID) -> Done:
    """No request is answered with it any more; it may be the one that you send. Make tokens on the page."""
    token = get_object_or_404(ApiToken, pk=token_id, owner=request.user)
    return Done(outcome=actions.end_token(token=token, by=actor_of(request)).value)
