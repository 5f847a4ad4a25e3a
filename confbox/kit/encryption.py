"""Secrets at rest: what is encrypted can be read with the secret key only, not from the database alone."""

import base64
import binascii
import hashlib
import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.encoding import force_bytes

# AES-256 with GCM. A text without this prefix was encrypted with Fernet, by an earlier version.
MARK = "g1."
NONCE_BYTES = 12


def _keys(person: bytes) -> list[bytes]:
    return [
        hashlib.blake2b(force_bytes(key), digest_size=32, person=person).digest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def encrypt(text: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    encrypted = AESGCM(_keys(b"confbox.seals.g1")[0]).encrypt(nonce, text.encode(), None)
    return MARK + base64.urlsafe_b64encode(nonce + encrypted).decode()


def encrypt_compressed(content: bytes) -> bytes:
    return encrypt(base64.b85encode(zlib.compress(content)).decode()).encode()


def decrypt_compressed(encrypted: bytes) -> bytes | None:
    """Returns what was given to `encrypt_compressed`; None if it was encrypted with another key."""
    try:
        return zlib.decompress(base64.b85decode(decrypt(encrypted.decode())))
    except InvalidToken:
        return None


def decrypt(encrypted: str) -> str:
    """Raises `cryptography.fernet.InvalidToken` if it was encrypted with another key."""
    if not encrypted.startswith(MARK):
        return _decrypt_fernet(encrypted)
    try:
        packed = base64.urlsafe_b64decode(encrypted.removeprefix(MARK))
    except binascii.Error:
        raise InvalidToken from None
    for key in _keys(b"confbox.seals.g1"):
        try:
            return AESGCM(key).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError):
            continue
    raise InvalidToken


def _decrypt_fernet(encrypted: str) -> str:
    box = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in _keys(b"confbox.seals")])
    return box.decrypt(encrypted.encode()).decode()
