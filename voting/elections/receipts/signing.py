"""Ed25519 signatures (RFC 8032) of receipts and published ballots, in hexadecimal."""

from binascii import unhexlify
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@cache
def _key(secret: str) -> Ed25519PrivateKey:
    # The secret key signs cookies too; HKDF (RFC 5869) derives a separate key for this use.
    derive = HKDF(SHA256(), 32, salt=None, info=b"conferencebox-ballots-1")
    return Ed25519PrivateKey.from_private_bytes(derive.derive(secret.encode()))


def public_key() -> str:
    """The public key that checks every signature of this site: 64 hexadecimal digits."""
    return _key(settings.SIGNING_KEY).public_key().public_bytes_raw().hex()


def sign(text: str) -> str:
    """128 hexadecimal digits."""
    return _key(settings.SIGNING_KEY).sign(text.encode()).hex()


def is_signature(signature: str, *, of: str, key: str = "") -> bool:
    """Whether the owner of the key, by default this site, signed this text."""
    try:
        public = Ed25519PublicKey.from_public_bytes(unhexlify(key or public_key()))
        public.verify(unhexlify(signature), of.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
