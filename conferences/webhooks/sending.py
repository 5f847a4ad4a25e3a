"""One attempt to send the next message of an endpoint: claimed and committed, sent, recorded.

An endpoint is claimed by one worker at a time, which sends its oldest waiting message. If the worker dies,
its claim ends after half a minute and the same message is sent again: each arrives at least once, with the
same ID, and in order.
"""

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from confbox.kit.clock import DatabaseNow, database_now
from confbox.kit.encryption import decrypt
from confbox.kit.outgoing_requests import Answer, RequestError, post
from confbox.kit.retries import retried
from conferences.outbox.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from conferences.webhooks.emails import notify_of_switching_off
from conferences.webhooks.formats import body_of
from conferences.webhooks.signing import secrets_of, signed_headers
from conferences.webhooks.states import end_sending

Error, State, Off = WebhookAttempt.Error, WebhookMessage.State, WebhookEndpoint.Off
# Longer than a request can take, with all that is stored before and after it.
CLAIM_SECONDS = 30
# A worker that was frozen for so long after its claim sends nothing more: another may be at it.
LATEST_START_SECONDS = 15.0
# Between the attempts, as in Standard Webhooks: three days and almost four hours in all.
DELAYS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
JITTER = 0.1
REST = timedelta(minutes=5)
SWITCHED_OFF_AFTER = timedelta(days=5)
# After quiet days, one failure alone is not five days of failure.
FEWEST_FAILURES = 4
LONGEST_KEPT_ANSWER = 4000
GONE = 410


@dataclass(frozen=True)
class Job:
    """What a thread needs to send a message, without the database."""

    endpoint_id: int
    message_id: int
    claim: str
    url: str
    body: str
    headers: dict[str, str]
    claimed_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Tried:
    job: Job
    milliseconds: int
    answer: Answer | None = None
    error: WebhookAttempt.Error = Error.NONE


def due() -> QuerySet[WebhookMessage]:
    """Waiting messages whose endpoint could be sent to now."""
    now = DatabaseNow()
    free = Q(endpoint__claimed_until=None) | Q(endpoint__claimed_until__lt=now)
    rested = Q(endpoint__next_attempt_at=None) | Q(endpoint__next_attempt_at__lte=now)
    is_on = {"endpoint__switched_off_at": None, "endpoint__deleted_at": None}
    return WebhookMessage.objects.waiting().filter(free, rested, **is_on)


def due_endpoints() -> list[int]:
    """Those whose event has waited for longest come first."""
    found = due().order_by().values("endpoint").annotate(first=Min("pk")).order_by("first")
    return [row["endpoint"] for row in found]


@retried
def claim_next(endpoint_id: int, *, held: str = "") -> Job | None:
    """The oldest message that waits; None if there is none, or another worker has the endpoint.

    `held` is the claim of this worker, which goes on with it.
    """
    with transaction.atomic():
        now, claim = database_now(), uuid4().hex
        free = Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claim=held)
        rested = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
        mine = WebhookEndpoint.objects.on().filter(free, rested, pk=endpoint_id)
        if not mine.update(claim=claim, claimed_until=now + timedelta(seconds=CLAIM_SECONDS)):
            return None
        waiting = WebhookMessage.objects.waiting().filter(endpoint=endpoint_id).order_by("pk")
        message = waiting.select_related("endpoint", "event__conference").first()
        if message is None:
            release(endpoint_id, claim)
            return None
        return _job(message, claim, now)


def _job(message: WebhookMessage, claim: str, now: datetime) -> Job:
    endpoint, event = message.endpoint, message.event
    body = body_of(event, endpoint)
    try:
        url, signed_by = decrypt(endpoint.encrypted_url), secrets_of(endpoint, now)
    except InvalidToken:
        return Job(endpoint.pk, message.pk, claim, "", body, {})
    headers = signed_headers(message_id=event.public_id, body=body, signed_by=signed_by, now=now)
    return Job(endpoint.pk, message.pk, claim, url, body, headers)


def release(endpoint_id: int, claim: str) -> None:
    held = WebhookEndpoint.objects.filter(pk=endpoint_id, claim=claim)
    held.update(claim="", claimed_until=None)


def rest(endpoint_id: int) -> None:
    """After a failure of ours, so that this endpoint is not asked for again at once."""
    now = database_now()
    failing = {"failing_since": Coalesce("failing_since", Value(now))}
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(next_attempt_at=now + REST, **failing)


def send(job: Job) -> Tried | None:
    """Runs in a thread, and uses no database. None if it is too late to begin."""
    begun = time.monotonic()
    if begun - job.claimed_at > LATEST_START_SECONDS:
        return None
    if not job.url:
        return Tried(job, 0, error=Error.SECRET)
    try:
        answer = post(job.url, body=job.body.encode(), headers=job.headers)
    except RequestError as failure:
        return Tried(job, _milliseconds(begun), error=Error(failure.code))
    return Tried(job, _milliseconds(begun), answer, _error_of(answer))


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _error_of(answer: Answer) -> WebhookAttempt.Error:
    if 200 <= answer.status < 300:
        return Error.NONE
    return Error.REDIRECT if 300 <= answer.status < 400 else Error.STATUS


@retried
def record(tried: Tried) -> bool:
    """Stores how it ended. Returns whether this worker may send the next message of the endpoint now."""
    job = tried.job
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=job.endpoint_id).first()
        message = WebhookMessage.objects.filter(pk=job.message_id).first()
        if endpoint is None or message is None:
            return False
        now = database_now()
        _store_attempt(tried, now)
        if tried.error is Error.NONE:
            _accepted(message, endpoint, now)
        elif endpoint.claim == job.claim and message.state == State.WAITING:
            _failed(message, endpoint, tried, now)
        return tried.error is Error.NONE and endpoint.claim == job.claim


def _store_attempt(tried: Tried, now: datetime) -> None:
    answer = tried.answer
    WebhookAttempt.objects.create(
        message_id=tried.job.message_id,
        at=now - timedelta(milliseconds=tried.milliseconds),
        milliseconds=tried.milliseconds,
        status=answer.status if answer else None,
        error=tried.error,
        request=_request_in_words(tried.job),
        answer=answer.text.replace("\0", "")[:LONGEST_KEPT_ANSWER] if answer else "",
    )


def _request_in_words(job: Job) -> str:
    """Without the URL, which may be a secret."""
    return "\n".join([*(f"{name}: {value}" for name, value in job.headers.items()), "", job.body])


def _accepted(message: WebhookMessage, endpoint: WebhookEndpoint, now: datetime) -> None:
    waiting = WebhookMessage.objects.waiting().filter(pk=message.pk)
    waiting.update(state=State.ACCEPTED, attempts=F("attempts") + 1, ended_at=now)
    if endpoint.failing_since or endpoint.next_attempt_at:
        endpoint.failing_since = endpoint.next_attempt_at = None
        endpoint.save(update_fields=["failing_since", "next_attempt_at"])


def _failed(message: WebhookMessage, endpoint: WebhookEndpoint, tried: Tried, now: datetime) -> None:
    message.attempts += 1
    is_last = message.attempts > len(DELAYS)
    if is_last:
        message.state, message.ended_at = State.GIVEN_UP, now
    message.save(update_fields=["attempts", "state", "ended_at"])
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.next_attempt_at = None if is_last else now + _delay(message.attempts, tried)
    endpoint.save(update_fields=["failing_since", "next_attempt_at"])
    if because := _why_to_switch_off(message, endpoint, tried, now):
        end_sending(endpoint, because)
        notify_of_switching_off(endpoint)


def _delay(attempts: int, tried: Tried) -> timedelta:
    """At least for as long as it asks for; otherwise spread, so that a host is not hit by all at once."""
    usual = DELAYS[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret
    asked = tried.answer.retry_after if tried.answer else 0
    return timedelta(seconds=max(usual, asked))


def _why_to_switch_off(
    message: WebhookMessage, endpoint: WebhookEndpoint, tried: Tried, now: datetime
) -> WebhookEndpoint.Off | None:
    if tried.answer and tried.answer.status == GONE:
        return Off.GONE
    has_lasted = now - (endpoint.failing_since or now) >= SWITCHED_OFF_AFTER
    return Off.FAILING if has_lasted and message.attempts >= FEWEST_FAILURES else None
