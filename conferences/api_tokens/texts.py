"""What a token looks like: `cbx_`, 43 letters and digits at random, and a checksum of six.

The prefix is what programs look for that search for leaked secrets. The checksum shows without a query
that a token was mistyped or cut off.
"""

import re
import secrets
import string
import zlib
from hashlib import sha256

PREFIX = "cbx_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
# As many characters as 32 random bytes need, and as a CRC of 32 bits does.
SECRET_LENGTH, CHECKSUM_LENGTH = 43, 6
FORM = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")


def draw_token() -> str:
    secret = "".join(secrets.choice(ALPHABET) for _number in range(SECRET_LENGTH))
    return PREFIX + secret + _checksum(secret)


def has_form_of_token(text: str) -> bool:
    match = FORM.fullmatch(text)
    return match is not None and _checksum(match[1]) == match[2]


def digest_of(token: str) -> str:
    """Without a key or salt: a token is too long to be guessed."""
    return sha256(token.encode()).hexdigest()


def _checksum(secret: str) -> str:
    rest, digits = zlib.crc32(secret.encode()), ""
    for _number in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
