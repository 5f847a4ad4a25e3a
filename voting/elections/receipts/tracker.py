"""The tracker, which represents a voter in the published ballots.

tracker = SHA-256("conferencebox-tracker-1:<conference>:<member>:<nonce>"), in hexadecimal, with the
conference ID and the voter's member ID in decimal and a nonce of 128 random bits in hexadecimal. It
contains the member ID, so two voters cannot be given the same receipt; the nonce is secret, so no one else
can link a tracker to a member.
"""

import secrets
from hashlib import sha256

TRACKER_TAG = "conferencebox-tracker-1"


def make_nonce() -> str:
    """128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def tracker_of(*, conference_id: int, member_id: int, nonce: str) -> str:
    """64 hexadecimal digits."""
    return sha256(f"{TRACKER_TAG}:{conference_id}:{member_id}:{nonce}".encode()).hexdigest()
