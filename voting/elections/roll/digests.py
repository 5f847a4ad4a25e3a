"""How an entry of the electoral roll and the whole roll become digests that anyone can compute again.

`verify.py`, which has to work alone, has the same construction; a test compares the two.
"""

import secrets
from collections.abc import Iterable
from hashlib import sha256

LEAF_TAG = "conferencebox-roll-1"


def draw_salt() -> str:
    """128 random bits, without which no one can find an email address by trying."""
    return secrets.token_hex(16)


def leaf_source(*, conference_id: int, email: str, salt: str) -> str:
    return f"{LEAF_TAG}:{conference_id}:{salt}:{email}"


def leaf_of(*, conference_id: int, email: str, salt: str) -> str:
    return sha256(leaf_source(conference_id=conference_id, email=email, salt=salt).encode()).hexdigest()


def digest_of(leaves: Iterable[str]) -> str:
    return sha256("".join(f"{leaf}\n" for leaf in sorted(leaves)).encode()).hexdigest()
