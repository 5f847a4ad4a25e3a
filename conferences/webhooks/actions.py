"""What people of a team do with webhooks. Each is whole: lock, rule, write, audit log."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.encryption import encrypt
from confbox.kit.outcomes import Change
from confbox.kit.public_hosts import Target, target_of
from confbox.kit.retries import retried
from conferences.models import Conference, Series
from conferences.outbox.kinds import TEST, facts_of, offered
from conferences.outbox.models import WebhookEndpoint, WebhookEvent, WebhookMessage
from conferences.series.models import scope_columns
from conferences.webhooks.signing import new_secret, readable
from conferences.webhooks.states import end_sending, store

Scope = Series | Conference
State = WebhookMessage.State
MOST = 10
OLD_SECRET_HOURS = 24
NOTHING_WAITS = {"claim": "", "claimed_until": None, "next_attempt_at": None, "failing_since": None}


@retried
def add_endpoint(
    *, scope: Scope, url: str, written_as: str, events: Collection[str], by: Actor
) -> tuple[WebhookEndpoint, str]:
    """Returns the endpoint and its secret, which is shown only now.

    Raises:
        ValidationError: the URL is not allowed, no event is chosen, or there are ten already.
    """
    target, secret = _checked_target(url), new_secret()
    endpoint = WebhookEndpoint(
        encrypted_url=encrypt(url.strip()),
        host=target.host,
        format=WebhookEndpoint.Format(written_as),
        events=_checked_events(events),
        language=get_language() or settings.LANGUAGE_CODE,
        encrypted_secret=encrypt(secret),
        **scope_columns(scope),
    )
    with transaction.atomic():
        _lock_scope(scope)
        if WebhookEndpoint.objects.kept().of_scope(scope).count() >= MOST:
            raise ValidationError(
                _("There are %(n)d webhooks already. Please delete one first.") % {"n": MOST}, code="too_many"
            )
        endpoint.created_at = database_now()
        endpoint.save()
        _log(endpoint, _("Webhook added: %(host)s."), by)
    return endpoint, secret


@retried
def change_endpoint(
    *, endpoint: WebhookEndpoint, url: str, written_as: str, events: Collection[str], by: Actor
) -> Change:
    """Without a URL, it stays as it is.

    Raises:
        ValidationError: the URL is not allowed, or no event is chosen.
    """
    columns: dict[str, object] = {"format": str(WebhookEndpoint.Format(written_as))}
    columns["events"] = _checked_events(events)
    with transaction.atomic():
        locked = _lock(endpoint)
        if url.strip() and url.strip() != readable(locked.encrypted_url):
            # Another URL has not failed yet, so what waits is tried now.
            columns |= {"encrypted_url": encrypt(url.strip()), "host": _checked_target(url).host}
            columns |= {"next_attempt_at": None, "failing_since": None}
        changed = {name for name, value in columns.items() if getattr(locked, name) != value}
        if not changed:
            return Change.NONE
        store(locked, **columns)
        _log(locked, _("Webhook changed: %(host)s."), by)
    return Change.MADE


@retried
def change_secret(*, endpoint: WebhookEndpoint, by: Actor) -> str:
    """Returns the new secret, which is shown only now. For a day, both sign."""
    secret = new_secret()
    with transaction.atomic():
        locked = _lock(endpoint)
        store(
            locked,
            encrypted_old_secret=locked.encrypted_secret,
            old_secret_until=database_now() + timedelta(hours=OLD_SECRET_HOURS),
            encrypted_secret=encrypt(secret),
        )
        _log(locked, _("Secret of the webhook changed: %(host)s."), by)
    return secret


@retried
def switch_on(*, endpoint: WebhookEndpoint, by: Actor) -> Change:
    """What happened while it was off is not sent."""
    with transaction.atomic():
        locked = _lock(endpoint)
        if locked.is_on:
            return Change.NONE
        store(locked, **NOTHING_WAITS, switched_off_at=None, switched_off_because="")
        _log(locked, _("Webhook switched on: %(host)s."), by)
    return Change.MADE


@retried
def switch_off(*, endpoint: WebhookEndpoint, by: Actor) -> Change:
    """What waits is not sent; it can be sent again once it is on."""
    with transaction.atomic():
        locked = _lock(endpoint)
        if not locked.is_on:
            return Change.NONE
        end_sending(locked, WebhookEndpoint.Off.BY_HAND)
        _log(locked, _("Webhook switched off: %(host)s."), by)
    return Change.MADE


@retried
def delete_endpoint(*, endpoint: WebhookEndpoint, by: Actor) -> Change:
    """Its URL and secrets are deleted now, its row and what was sent to it a day later."""
    with transaction.atomic():
        locked = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk, deleted_at=None).first()
        if locked is None:
            return Change.NONE
        end_sending(locked, WebhookEndpoint.Off.BY_HAND)
        erased = {"encrypted_url": "", "encrypted_secret": "", "encrypted_old_secret": ""}
        store(locked, deleted_at=database_now(), **erased)
        _log(locked, _("Webhook deleted: %(host)s."), by)
    return Change.MADE


@retried
def send_test(*, endpoint: WebhookEndpoint, by: Actor) -> WebhookEvent:
    """Also lets what waits be tried now: it comes first, so that events arrive in their order.

    Raises:
        ValidationError: the endpoint is switched off or deleted.
    """
    with transaction.atomic():
        locked = _lock(endpoint)
        _refuse_off(locked)
        data = {"series_id": locked.series_id} if locked.series_id else facts_of(locked.conference)
        event = WebhookEvent.objects.create(
            kind=TEST.name, conference=locked.conference, data=data, at=database_now()
        )
        WebhookMessage.objects.create(endpoint=locked, event=event)
        store(locked, next_attempt_at=None)
        _log(locked, _("Test sent to the webhook %(host)s."), by)
    return event


@retried
def send_again(*, message: WebhookMessage, by: Actor) -> Change:
    """With the same ID, before all that waits. If it waits already, it is tried now.

    Raises:
        ValidationError: the endpoint is switched off or deleted.
    """
    with transaction.atomic():
        locked = _lock(message.endpoint)
        _refuse_off(locked)
        ended = WebhookMessage.objects.filter(pk=message.pk).exclude(state=State.WAITING)
        changed = Change.of(ended.update(state=State.WAITING, attempts=0, ended_at=None))
        store(locked, next_attempt_at=None)
        _log(locked, _("A message was sent again to the webhook %(host)s."), by)
    return changed


@retried
def skip_message(*, message: WebhookMessage, by: Actor) -> Change:
    """One that is never accepted keeps later ones waiting: it is left out. No change if it does not wait."""
    with transaction.atomic():
        locked = _lock(message.endpoint)
        waiting = WebhookMessage.objects.waiting().filter(pk=message.pk)
        changed = Change.of(waiting.update(state=State.SKIPPED, ended_at=database_now()))
        if changed is Change.MADE:
            store(locked, next_attempt_at=None)
            _log(locked, _("A message to the webhook %(host)s was left out."), by)
    return changed


def _checked_target(url: str) -> Target:
    """To which address its name leads is checked each time when something is sent."""
    try:
        return target_of(url.strip())
    except ValueError:
        raise ValidationError(
            {
                "url": _(
                    "This cannot be the URL of a webhook. It begins with https:// and the name of a host, "
                    "without a password, and its port is 443 or from 1024 on."
                )
            }
        ) from None


def _checked_events(names: Collection[str]) -> list[str]:
    chosen = [kind.name for kind in offered() if kind.name in names]
    if not chosen:
        raise ValidationError(
            {"events": coded_error(_("Please choose at least one event."), code="required")}
        )
    return chosen


def _lock_scope(scope: Scope) -> None:
    rows: Any = Conference.objects if isinstance(scope, Conference) else Series.objects
    if rows.select_for_update().filter(pk=scope.pk).first() is None:
        raise ValidationError(_("%(team)s does not exist any more.") % {"team": scope}, code="gone")


def _lock(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    locked = WebhookEndpoint.objects.kept().select_for_update().filter(pk=endpoint.pk).first()
    if locked is None:
        raise ValidationError(_("This webhook has been deleted."), code="gone")
    return locked


def _refuse_off(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_on:
        raise ValidationError(
            _("This webhook is switched off. Please switch it on first."), code="webhook_off"
        )


def _log(endpoint: WebhookEndpoint, what: str, by: Actor) -> None:
    log_change(by=by, target=endpoint.scope, what=what % {"host": endpoint.host})
