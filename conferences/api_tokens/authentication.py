"""Whose request it is that comes with a token."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.enrolment import SECOND_FACTORS
from accounts.models import User
from accounts.sessions import KNOWN_OF_EACH
from confbox.kit.compiled_queries import CompiledQuery, parameter
from conferences.api_access.models import ApiToken, ApiTokenQuerySet
from conferences.api_tokens.rules import may_organise
from conferences.api_tokens.texts import digest_of, has_form_of_token
from conferences.teams.backend import TeamBackend

# From another IP address, a use is noted within a minute.
NOTED_EVERY = timedelta(minutes=10)


def token_of(text: str, ip_address: str | None) -> ApiToken | None:
    """The usable token with this text, with its owner as the session reads them, by one query.

    None if there is none: it was mistyped (no query), ended or has expired, its owner cannot log in, or it
    has scopes of organisers and its owner has lost what these require. Notes the use (`NOTED_EVERY`); call it
    outside the transaction of what the request does, which would keep the token locked.
    """
    if not has_form_of_token(text):
        return None
    token = BY_DIGEST.first(digest=digest_of(text))
    if token is None or not token.is_active() or not is_usable(token):
        return None
    _note_use(token, ip_address)
    return token


def _with_owner() -> ApiTokenQuerySet:
    """With all that a request asks about its person, in one query."""
    factors = Authenticator.objects.filter(user=OuterRef("owner"), type__in=SECOND_FACTORS)
    asked: dict[str, Any] = {"owner_has_factor": Exists(factors)}
    for name, sql in KNOWN_OF_EACH.items():
        asked[f"owner_{name}"] = RawSQL(sql, [])  # noqa: S611  # written by apps of this site
    return ApiToken.objects.with_chosen().select_related("owner").annotate(**asked)


# A vote by a token is to cost no more than one by a form.
BY_DIGEST = CompiledQuery(lambda: _with_owner().filter(digest=parameter("digest")).order_by())


def is_usable(token: ApiToken) -> bool:
    """Whether its owner can log in and, for scopes of organisers, still has what they require."""
    owner = person_of(token)
    if not TeamBackend().user_can_authenticate(owner):
        return False
    return not token.is_of_organiser or may_organise(owner, has_factor=token.owner_has_factor)


def person_of(token: ApiToken) -> User:
    """The owner, with the answers that were read together with the token."""
    for name in KNOWN_OF_EACH:
        setattr(token.owner, name, bool(getattr(token, f"owner_{name}")))
    return token.owner


def _note_use(token: ApiToken, ip_address: str | None) -> None:
    minute, last = timezone.now().replace(second=0, microsecond=0), token.last_used_at
    is_known = last is not None and token.last_used_ip == ip_address and minute - last < NOTED_EVERY
    if last == minute or is_known:
        return
    token.last_used_at, token.last_used_ip = minute, ip_address
    stale = ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=minute), pk=token.pk)
    stale.update(last_used_at=minute, last_used_ip=ip_address)
