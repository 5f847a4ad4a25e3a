"""How much of the pitches fits into a combined email: Gmail hides everything after 102 KB of HTML."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html

CLIPPED_FROM = 102_000
LARGEST = 90_000
"""Bytes of HTML, without the recipient's name and links."""
SHORTEST_EXCERPT = 80
LONG_MESSAGE = 20_000


@dataclass(frozen=True)
class Shape:
    """Bytes per pitch (None: the whole pitch, 0: only the headline) and the maximum number of pitches."""

    excerpt: int | None = None
    most: int | None = None


WHOLE, HEADLINES = Shape(), Shape(excerpt=0)


def size_of(pieces: list[str]) -> int:
    return sum(len(piece.encode()) for piece in pieces)


def shape_for(draw: Callable[[Shape], list[str]]) -> Shape:
    """The shape in which the pitches fit, for a function that renders the email in pieces.

    The first piece comes before the pitches and the last one after them.
    """
    whole = draw(WHOLE)
    if len(whole) < 3 or size_of(whole) <= LARGEST:
        return WHOLE
    boxes = draw(Shape(excerpt=1))
    excerpt = (LARGEST - size_of(boxes)) // len(boxes[1:-1])
    if excerpt >= SHORTEST_EXCERPT:
        return Shape(excerpt)
    headlines = draw(HEADLINES)
    most = (LARGEST - size_of([headlines[0], headlines[-1]])) // max(size_of([p]) for p in headlines[1:-1])
    return Shape(0, max(1, most)) if most < len(headlines[1:-1]) else HEADLINES


def excerpt_of(statement: str, size: int) -> str:
    """The first words of a pitch without formatting, in at most this many bytes of HTML."""
    kept: list[str] = []
    left = size - len("…".encode())
    for word in html_to_text(markdown_to_html(statement)).split():
        left -= len(escape(word).encode()) + 1
        if left < 0:
            return f"{' '.join(kept)}…"
        kept.append(word)
    return " ".join(kept)
