"""A person's tokens, for the download and the deletion of their data."""

from typing import Any

from accounts.models import User
from accounts.my_data.export import columns_of
from accounts.my_data.parts import Part
from conferences.api_access.models import ApiToken


def export(user: User) -> dict[str, Any]:
    tokens = ApiToken.objects.filter(owner=user).prefetch_related("conferences").order_by("pk")
    return {"api_tokens": [_token_data(token) for token in tokens]}


def _token_data(token: ApiToken) -> dict[str, Any]:
    """Without the digest, which identifies a secret."""
    chosen = [str(conference) for conference in token.conferences.all()]
    return columns_of(token, but={"digest", "owner"}) | {"conferences": chosen}


def consequences(user: User) -> dict[str, Any]:
    return {"has_api_tokens": ApiToken.objects.filter(owner=user).exists()}


def delete(user: User) -> None:
    ApiToken.objects.filter(owner=user).delete()


PART = Part(export=export, consequences=consequences, delete=delete, goes="conferences/api_tokens/_goes.html")
