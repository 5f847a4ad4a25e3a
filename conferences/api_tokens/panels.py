"""What the page of tokens shows of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.utils import timezone

from accounts.enrolment import SECOND_FACTORS
from accounts.models import User
from conferences.api_access.models import ApiToken, Scope
from conferences.api_tokens.rules import may_organise
from conferences.api_tokens.words import conferences_in_words, scopes_of


@dataclass(frozen=True)
class TokenCard:
    token: ApiToken
    scopes: list[Scope]
    conferences: str
    # Requests with it are refused at present, because its owner lacks what organisers need.
    is_refused: bool


@dataclass(frozen=True)
class Tokens:
    active: list[TokenCard]
    # Kept for some time, so that their owner sees when each was last used.
    over: list[ApiToken]


def tokens_of(person: User) -> Tokens:
    """The newest first."""
    now = timezone.now()
    found = list(ApiToken.objects.filter(owner=person).prefetch_related("conferences").order_by("-pk"))
    active = [token for token in found if token.is_active(now)]
    over = [token for token in found if not token.is_active(now)]
    return Tokens(_cards(person, active), over)


def _cards(person: User, tokens: Iterable[ApiToken]) -> list[TokenCard]:
    def is_refused(token: ApiToken) -> bool:
        has_factor = token.is_of_organiser and is_mfa_enabled(person, SECOND_FACTORS)
        return token.is_of_organiser and not may_organise(person, has_factor=has_factor)

    return [
        TokenCard(token, scopes_of(token), conferences_in_words(token), is_refused(token)) for token in tokens
    ]
