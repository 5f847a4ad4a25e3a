"""Searching as people type: ignoring case, accents, and how a letter is composed.

A word becomes a regular expression, which both databases match alike; their own ways of comparing text
differ. `Q(name__folded="munchen")` finds München.
"""

import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache
from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import Regex

# Each word is searched for in every name; a hundred words would keep the database busy for a second.
MOST_WORDS, LONGEST_WORD = 8, 50
# Letters that Unicode does not treat as a letter with a mark, and that people type without it.
PLAIN = {
    **{"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ɨ": "i", "ŀ": "l"},
    **{"æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ƒ": "f", "ƙ": "k"},
    **{"’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "ʾ": "'", "ʿ": "'", "`": "'", "´": "'"},
    **{"‐": "-", "‑": "-", "–": "-", "—": "-"},
}
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
# Accents of every script that has letters with and without; not the vowel signs of Indic scripts.
MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u064b-\u065f\u0670\u1dc0-\u1dff\u20d0-\u20dc"
MARKS += "\u093c\u09bc\u0a3c\u0b3c"
MARK = re.compile(f"[{MARKS}]")
# The scripts with case or accents; in others a character folds to itself.
FOLDED: tuple[range, ...] = (
    *(range(0x20, 0x590), range(0x5D0, 0x700), range(0x900, 0xB80), range(0x10A0, 0x1100)),
    *(range(0x13A0, 0x1400), range(0x1C80, 0x1CC0), range(0x1D00, 0x2E00), range(0xA640, 0xA800)),
    *(range(0xFB00, 0xFB07), range(0xFF00, 0xFF60), range(0x10400, 0x10450), range(0x1E900, 0x1E944)),
)


@lru_cache(20_000)
def folded(character: str) -> str:
    """The character in lower case and without marks; some characters become two."""
    lower = unicodedata.normalize("NFKC", character).casefold()
    return "".join(
        PLAIN.get(c, c) for c in MARK.sub("", unicodedata.normalize("NFKD", PLAIN.get(lower, lower)))
    )


@cache
def _spellings() -> dict[str, str]:
    """All characters, by what they fold to."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in (code for codes in FOLDED for code in codes):
        if plain := folded(chr(code)):
            found[plain].append(chr(code))
    return {plain: "".join(characters) for plain, characters in found.items()}


@lru_cache(1000)
def pattern_of(word: str) -> str:
    """A regular expression for texts that contain the word."""
    letters = [letter for c in unicodedata.normalize("NFC", word[:LONGEST_WORD]) for letter in _letters(c)]
    pattern, at = "", 0
    while at < len(letters):
        pair = "".join(letters[at : at + 2])
        if other := _one_for_two(pair):
            pattern += f"(?:{_spelled(pair[0])}{_spelled(pair[1])}|{other})"
        at += 2 if other else 1
        if not other:
            pattern += _spelled(letters[at - 1])
    return pattern


def _letters(character: str) -> list[str]:
    """What the character folds to, letter by letter; itself if its script has nothing to fold."""
    lower, plain = character.lower(), folded(character)
    if lower in UMLAUTS:
        return [lower]
    is_folded = len(plain) <= 2 and all(letter in _spellings() for letter in plain)
    return list(plain) if is_folded else [character]


def _spelled(letter: str) -> str:
    if letter in UMLAUTS:
        return f"{_spelled(UMLAUTS[letter][0])}{_class_of(UMLAUTS[letter][1])}?"
    if letter in _spellings():
        return f"{_class_of(letter)}[{MARKS}]*"
    return f"(?:{_either(letter)})"


def _one_for_two(pair: str) -> str:
    """One letter for two that it can also be written with: ß for ss, ü for ue."""
    ligatures = _class_of(pair) if len(pair) == 2 and pair in _spellings() else ""
    umlauts = [
        f"{_either(letter)}|{_either(letter.upper())}" for letter, two in UMLAUTS.items() if two == pair
    ]
    return "|".join([*filter(None, [ligatures]), *umlauts])


def _either(character: str) -> str:
    return "|".join(sorted({re.escape(unicodedata.normalize(form, character)) for form in ("NFC", "NFD")}))


def _class_of(plain: str) -> str:
    return "[{}]".format("".join(re.escape(character) for character in _spellings()[plain]))


def words_of(text: str) -> list[str]:
    """The words to search for; only the first few of very many."""
    return text.split()[:MOST_WORDS]


def has_words(text: str, words: str) -> bool:
    return all(re.search(pattern_of(word), text) for word in words_of(words))


class Folded(Regex):
    """`name__folded=word`: the column's text contains the word."""

    lookup_name = "folded"

    def get_prep_lookup(self) -> Any:
        return pattern_of(str(self.rhs))

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        column, values = self.process_lhs(compiler, connection)
        pattern, more = self.process_rhs(compiler, connection)
        return f"{column} REGEXP {pattern}", [*values, *more]


def register() -> None:
    CharField.register_lookup(Folded)
    TextField.register_lookup(Folded)
