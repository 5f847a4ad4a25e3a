"""Refuses passwords that are the name or email address of their owner."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User

# What is left of a password without its owner's words must be hard to guess on its own.
LEFT = 6
ALIKE = 0.7
WORD = re.compile(r"[^\W\d_]{4,}")


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


class UnlikeItsOwner:
    """Refuses a password that is little more than a word of the person's name or email address.

    The refusal names the word. Only words of four letters and more are compared: "conference-demo" shares
    many letters with "Egon Newcomer", and no one would call them similar.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        typed = plain(password)
        for word, sentence in [*self._of_name(user), *self._of_address(user)]:
            if self._is_little_more_than(typed, plain(word)):
                raise ValidationError(sentence, code="password_too_similar", params={"word": word})

    def _of_name(self, user: User) -> Iterator[tuple[str, str]]:
        sentence = _("This password is too similar to “%(word)s”, which is part of your name.")
        words = WORD.findall(user.name)
        yield from ((word, sentence) for word in ["".join(words), *words] if word)

    def _of_address(self, user: User) -> Iterator[tuple[str, str]]:
        sentence = _("This password is too similar to “%(word)s”, which is part of your email address.")
        local = user.email.rpartition("@")[0]
        yield from ((word, sentence) for word in [user.email, *WORD.findall(local)] if word)

    def _is_little_more_than(self, typed: str, word: str) -> bool:
        if word in typed:
            return len(typed.replace(word, "")) < LEFT
        # A password more than twice as long cannot be that similar.
        return len(typed) <= 2 * len(word) and SequenceMatcher(a=typed, b=word).ratio() >= ALIKE

    def get_help_text(self) -> str:
        return _("Your password must be more than a variation of your name or email address.")
