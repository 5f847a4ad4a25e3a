"""Tokens for tests."""

from datetime import timedelta

from django.utils import timezone

from conferences.api_tokens.texts import digest_of, draw_token
from conferences.models import ApiToken


def make_api_token(owner, *scopes, conferences=None, **columns):
    """The text of a new token, as its owner saw it once; see `stored` for its row."""
    text = draw_token()
    defaults = {"name": "Laptop", "expires_at": timezone.now() + timedelta(days=90)}
    defaults |= {"scope_names": list(scopes or ["read"]), "all_conferences": conferences is None}
    token = ApiToken.objects.create(owner=owner, digest=digest_of(text), **defaults | columns)
    token.conferences.set(conferences or [])
    return text


def stored(text):
    return ApiToken.objects.get(digest=digest_of(text))
