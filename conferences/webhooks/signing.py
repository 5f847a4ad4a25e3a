"""Secrets of endpoints, and the headers that prove who sent a message, as in Standard Webhooks 1.0."""

import base64
import secrets
from datetime import UTC, datetime

from cryptography.fernet import InvalidToken
from standardwebhooks import Webhook

from confbox.kit.encryption import decrypt
from conferences.outbox.models import WebhookEndpoint

SECRET_BYTES = 32
PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The present one first. Raises `InvalidToken` if that was encrypted with another key."""
    old = readable(endpoint.encrypted_old_secret) if endpoint.has_old_secret(now) else ""
    return [decrypt(endpoint.encrypted_secret), *([old] if old else [])]


def readable(encrypted: str) -> str:
    """Decrypted; empty if it was encrypted with another key."""
    try:
        return decrypt(encrypted)
    except InvalidToken:
        return ""


def signed_headers(*, message_id: str, body: str, signed_by: list[str], now: datetime) -> dict[str, str]:
    """The time is that of this attempt, so that a receiver can refuse what was recorded and sent again."""
    at = now.astimezone(UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": "ConferenceBox webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, at, body) for secret in signed_by),
    }
