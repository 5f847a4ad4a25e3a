"""A person makes and ends their tokens."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from accounts.enrolment import lock_person
from accounts.models import User
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
from conferences.api_access.models import ApiToken, Scope
from conferences.api_tokens.emails import notify_of_token
from conferences.api_tokens.rules import (
    DEFAULT_DAYS,
    refuse_another,
    refuse_conferences,
    refuse_days,
    refuse_scopes,
)
from conferences.api_tokens.texts import digest_of, draw_token
from conferences.models import Conference
from conferences.teams.backend import TeamBackend


@dataclass(frozen=True)
class NewToken:
    """`text` is what its owner copies; it is stored nowhere, and not shown in a traceback."""

    token: ApiToken
    text: str = field(repr=False)


@retried
def make_token(
    *,
    by: Actor,
    name: str,
    scopes: Collection[str],
    conferences: Collection[Conference] | None,
    expires_in_days: int = DEFAULT_DAYS,
) -> NewToken:
    """Makes a token for these conferences, or for all; its owner gets an email.

    The caller has checked that the person has just authenticated and, for scopes of organisers, that the
    session has passed a second factor.

    Raises:
        ValidationError: by field, if one is wrong; or there are too many tokens.
    """
    with transaction.atomic():
        lock_person(by.user)
        owner = _as_stored(by.user)
        refuse_scopes(owner, scopes)
        refuse_conferences(owner, conferences)
        refuse_days(expires_in_days)
        refuse_another(owner)
        now, text = timezone.now(), draw_token()
        token = ApiToken.objects.create(
            owner=by.user,
            name=_clean_name(name),
            digest=digest_of(text),
            scope_names=[scope for scope in Scope.values if scope in scopes],
            all_conferences=conferences is None,
            created_at=now,
            expires_at=now + timedelta(days=expires_in_days),
        )
        token.conferences.set(conferences or [])
        log_own_act(by=by, act="make API token", target=by.user)
        notify_of_token(token=token, ip_address=by.ip_address)
    return NewToken(token, text)


@retried
def end_token(*, token: ApiToken, by: Actor) -> Change:
    """No request is answered with it any more. No change if it had ended, or is someone else's."""
    with transaction.atomic():
        mine = ApiToken.objects.filter(pk=token.pk, owner=by.user, ended_at=None)
        ended = Change.of(mine.update(ended_at=timezone.now()))
        if ended is Change.MADE:
            log_own_act(by=by, act="end API token", target=by.user)
    return ended


def _as_stored(person: User) -> User:
    """With the roles that they have now.

    Raises:
        ValidationError: they can no longer log in.
    """
    stored = TeamBackend().get_user(person.pk)
    if stored is None:
        raise ValidationError(_("This account is disabled."), code="account_disabled")
    return stored


def _clean_name(name: str) -> str:
    try:
        cleaned: str = ApiToken._meta.get_field("name").clean(name.strip(), None)
    except ValidationError as refusal:
        raise ValidationError({"name": refusal.error_list}) from None
    return cleaned
