"""Does a request with an idempotency key once, and answers it in the same way when it is sent again."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.idempotency.models import KEPT, KeptAnswer
from accounts.models import User
from confbox.kit.api.problems import Problem
from confbox.kit.encryption import decrypt, encrypt
from confbox.kit.retries import retried, sent_again_if_lost

REPLAYED = "Idempotency-Replayed"
# Who may not do it, or not now, may later with the same key; and what failed is to be tried again.
NOT_KEPT = (401, 403, 429)


@dataclass(frozen=True)
class Sent:
    """One request with a key. `secret` is an answer that must not be stored, such as a new token."""

    person: User
    key: str
    request: str
    is_secret: bool = False

    @classmethod
    def of(cls, person: User, *, caller: str, key: str, parts: list[bytes], is_secret: bool) -> "Sent":
        digest = salted_hmac("idempotency.request", b"\0".join([key.encode(), *parts]), algorithm="sha256")
        named = salted_hmac("idempotency.key", f"{caller}\0{key}", algorithm="sha256")
        return cls(person, named.hexdigest(), digest.hexdigest(), is_secret)


class NotKept(Exception):
    """Undoes the transaction, and with it the claim of the key."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


@sent_again_if_lost
@retried
def answer_once(sent: Sent, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `act`, stored in the transaction of its effect; or that of the same request before.

    Another request with the same key waits for the first one, because the row is locked until that is over.

    Raises:
        Problem: the key was used for another request, or the answer contained a secret.
    """
    try:
        with transaction.atomic():
            kept = _claim(sent)
            if kept.answer:
                return _again(sent, kept)
            response = act()
            _undo_unless_kept(response)
            kept.answer = encrypt(json.dumps(_plain(response, is_secret=sent.is_secret)))
            kept.save(update_fields=["answer"])
            return response
    except NotKept as undone:
        return undone.response


def _undo_unless_kept(response: HttpResponse) -> None:
    if response.status_code >= 500 or response.status_code in NOT_KEPT:
        raise NotKept(response)


def _claim(sent: Sent) -> KeptAnswer:
    known = {"person": sent.person, "request": sent.request}
    kept, is_new = KeptAnswer.objects.get_or_create(key=sent.key, defaults=known)
    now = timezone.now()
    if is_new or kept.made_at >= now - KEPT:
        return kept
    # Others who send it at the same time wait here, and then find it renewed.
    old = KeptAnswer.objects.filter(pk=kept.pk, made_at=kept.made_at)
    old.update(request=sent.request, answer="", made_at=now)
    return KeptAnswer.objects.get(key=sent.key)


def _plain(response: HttpResponse, *, is_secret: bool) -> dict[str, object]:
    if is_secret and response.status_code < 400:
        return {"status": 0}
    content_type = response.headers["Content-Type"]
    return {"status": response.status_code, "type": content_type, "body": response.content.decode()}


def _again(sent: Sent, kept: KeptAnswer) -> HttpResponse:
    if kept.request != sent.request:
        raise Problem("key-reused")
    try:
        plain = json.loads(decrypt(kept.answer))
    except InvalidToken:
        plain = {"status": 0}
    if not plain["status"]:
        raise Problem("answer-not-kept")
    response = HttpResponse(plain["body"], status=plain["status"], content_type=plain["type"])
    response.headers[REPLAYED] = "true"
    return response
