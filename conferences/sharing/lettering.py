"""Text on a card: what can be drawn, and at which size."""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).parent / "fonts/noto-sans/NotoSans-SemiBold.ttf"
# No font has a glyph for this code point, so it looks like every other missing one.
NOTHING = "\U0010ffff"
# Emoji and invisible marks can be left out of a name; letters cannot.
DISPENSABLE = {"So", "Sk", "Cf", "Cc", "Co", "Cn", "Me"}
VARIATION_SELECTORS = {"\ufe0e", "\ufe0f"}


@cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


@lru_cache(4096)
def _shape(character: str) -> bytes:
    plain = ImageFont.truetype(str(FONT), 24, layout_engine=ImageFont.Layout.BASIC)
    return bytes(plain.getmask(character))


def can_draw(character: str) -> bool:
    return character.isspace() or _shape(character) != _shape(NOTHING)


def drawable(text: str) -> str:
    """The text as it can be drawn; empty if one of its letters is not in the font."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        if character in VARIATION_SELECTORS or unicodedata.category(character) in DISPENSABLE:
            continue
        if not can_draw(character):
            return ""
        kept.append(character)
    return " ".join("".join(kept).split())


def fitted(text: str, *, width: int, lines: int, sizes: tuple[int, ...]) -> tuple[int, list[str]]:
    """The largest of the sizes at which the text fits, and its lines; cut off at the smallest size."""
    for size in sizes:
        found = wrapped(text, size, width)
        if len(found) <= lines:
            return size, found
    last = found[lines - 1]
    while last and font_of(size).getlength(last + "…") > width:
        last = last[:-1]
    return size, [*found[: lines - 1], last.rstrip() + "…"]


def wrapped(text: str, size: int, width: int) -> list[str]:
    font, lines = font_of(size), [""]
    for word in text[:400].split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        *whole, lines[-1] = _pieces(word, font, width)
        lines[-1:] = [*whole, lines[-1]]
    return lines


def _pieces(word: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Splits a word that is wider than a line."""
    pieces = [""]
    for character in word:
        if font.getlength(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
