"""Six-digit codes that are sent by email and typed in by the person who receives them."""

import secrets
import time
import unicodedata
from collections.abc import Container, MutableMapping
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LIFETIME = 600
TRIES = 3
RESEND_WAIT = 30
DIGITS = 6
# Not a code at all, a wrong code, a wrong code at the last try, a code that can no longer be used.
NO_CODE, WRONG, WRONG_AT_LAST, VOID = "no_code", "wrong", "wrong_at_last", "void"


def digits_of(typed: str) -> str:
    """The digits of a code as typed or pasted, in ASCII; digits of every script and width count.

    Spaces, dashes and invisible characters are ignored.
    """
    found = (unicodedata.decimal(character, None) for character in unicodedata.normalize("NFKC", typed))
    return "".join(str(digit) for digit in found if digit is not None)


def code_of(typed: str, lengths: Container[int] = (DIGITS,), sentence: str = "") -> str:
    """What was typed, as a code; `sentence` is the refusal that says how long a code is.

    Raises:
        ValidationError: it cannot be a code, so it does not count as a try.
    """
    digits = digits_of(typed)
    if len(digits) not in lengths:
        sentence = sentence or _("The code has six digits. Please type all of them.")
        raise ValidationError(sentence, code=NO_CODE)
    return digits


def take_try(name: str) -> int:
    """Which try at the code of this name this is, from 1; 0 if none is left.

    Counted in the cache, one atomic step each: simultaneous requests share a session and would each store
    the same count there.
    """
    return next((n for n in range(1, TRIES + 1) if cache.add(f"code-try:{name}:{n}", 1, LIFETIME)), 0)


def void_code() -> ValidationError:
    return ValidationError(_("This code can no longer be used. Please ask for a new one."), code=VOID)


class EmailedCode:
    """The code for one purpose (a sign-up, a reset), stored in the session of the browser that asked for it.

    The session holds a keyed digest, so a reader of the session table cannot use it. A code is valid for
    ten minutes, three tries and one use.
    """

    def __init__(self, session: MutableMapping[str, Any], purpose: str) -> None:
        self.session, self.purpose = session, purpose
        self.key = f"code:{purpose}"

    @property
    def state(self) -> dict[str, Any] | None:
        return self.session.get(self.key)

    def issue(self, *, email: str) -> str:
        """Creates a new code for this email address; the previous one becomes invalid."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        self.session[self.key] = {
            "email": email,
            "digest": self._digest(email, code),
            "at": time.time(),
        }
        return code

    def _digest(self, email: str, code: str) -> str:
        return salted_hmac(f"accounts.codes.{self.key}", f"{email}:{code}", algorithm="sha256").hexdigest()

    @property
    def email(self) -> str:
        return str((self.state or {}).get("email", ""))

    @property
    def ends_at(self) -> datetime:
        return datetime.fromtimestamp((self.state or {}).get("at", 0) + LIFETIME, UTC)

    @property
    def resend_wait(self) -> int:
        """Seconds until another code may be sent."""
        at = float((self.state or {}).get("at", 0))
        return max(0, round(at + RESEND_WAIT - time.time()))

    def was_just_sent_to(self, email: str) -> bool:
        """Whether a code that is still valid was sent to this email address a moment ago."""
        return bool((self.state or {}).get("digest")) and self.email == email and self.resend_wait > 0

    def check(self, typed: str) -> None:
        """Uses up the code if it is right; each call with six digits is a try.

        Raises:
            ValidationError: the code is wrong, used, expired or was tried too often.
        """
        state = self.state or {}
        if not state.get("digest"):
            raise void_code()
        if time.time() - state["at"] > LIFETIME:
            raise ValidationError(_("This code has expired. Please ask for a new one."), code=VOID)
        digits = code_of(typed)
        name = f"{state['digest']}:{state['at']}"
        number = take_try(name)
        if not number:
            raise void_code()
        if not constant_time_compare(state["digest"], self._digest(state["email"], digits)):
            self._refuse(left=TRIES - number)
        if not cache.add(f"code-used:{name}", 1, LIFETIME):
            raise void_code()
        self.session[self.key] = state | {"digest": ""}

    def _refuse(self, *, left: int) -> None:
        if not left:
            third = _("That was the wrong code for the third time. Please ask for a new one.")
            raise ValidationError(third, code=WRONG_AT_LAST)
        sentence = ngettext(
            "That is not the code. You have %(left)d try left.",
            "That is not the code. You have %(left)d tries left.",
            left,
        )
        raise ValidationError(sentence % {"left": left}, code=WRONG)

    def drop(self) -> None:
        self.session.pop(self.key, None)
