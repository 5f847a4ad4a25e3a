"""The pictures that other sites show next to a link to this site."""

import hashlib
import io
import re
from dataclasses import astuple, dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from PIL import Image, ImageDraw

from confbox.kit.temporary_storage import save_temporarily, saved_temporarily
from conferences.local_times import days_of
from conferences.models import Conference
from conferences.sharing.lettering import drawable, fitted, font_of

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN, STRIP, MARK = 80, 110, 84
LINE = 1.22
WEEK = 7 * 24 * 3600
KIND = "card"
# Part of every key, so that a new design replaces the old pictures.
DRAWING = "1"


@dataclass(frozen=True)
class Card:
    """The text of a card, from top to bottom; empty lines are left out."""

    eyebrow: str = ""
    title: str = ""
    text: str = ""
    facts: str = ""
    strip: str = ""

    @property
    def digest(self) -> str:
        said = "\0".join((DRAWING, str(settings.SITE_NAME), *astuple(self)))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def site_card() -> Card:
    with override(settings.LANGUAGE_CODE):
        return Card(title=_("You choose who speaks."), strip=_("Join a conference and vote"))


def conference_card(conference: Conference) -> Card:
    """In the site's own language: cards are requested by programs without one."""
    with override(settings.LANGUAGE_CODE):
        facts = " · ".join(filter(None, [days_of(conference), drawable(conference.place)]))
        title = conference.title if drawable(conference.title) else _("You choose who speaks.")
        strip = _("Cancelled") if conference.is_cancelled else _("Members choose the speaker")
        return Card(title=title, facts=facts, strip=strip)


def card_path(conference: Conference) -> str:
    """A new URL for each version, because other sites cache a picture for as long as they like."""
    path = reverse("conference-card", args=[conference.slug])
    return f"{path}?v={conference_card(conference).digest}"


def cached_card(card: Card, *, owner: str) -> bytes | None:
    """The owner's card as PNG, if the last one drawn for it is this one."""
    found = saved_temporarily(KIND, owner, version=card.digest)
    return found[0] if found else None


def draw_card(card: Card, *, owner: str) -> bytes:
    """Draws it and stores it in place of the owner's last one."""
    picture = drawn(card)
    save_temporarily(KIND, owner, version=card.digest, content=picture, seconds=WEEK)
    return picture


@cache
def colours() -> dict[str, str]:
    """The light colours of the design tokens."""
    light = (settings.BASE_DIR / "static/css/tokens.css").read_text().partition("@media")[0]
    return dict(re.findall(r"--cb-([\w-]+): (#[0-9a-f]{6});", light))


def drawn(card: Card) -> bytes:
    image = Image.new("RGB", SIZE, colours()["paper"])
    draw = ImageDraw.Draw(image)
    _draw_strip(draw, drawable(card.strip))
    _draw_head(image, draw)
    _draw_words(draw, card)
    written = io.BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _draw_strip(draw: Any, text: str) -> None:
    top = HEIGHT - STRIP
    draw.rectangle((0, top, WIDTH, HEIGHT), fill=colours()["berry"])
    draw.rectangle((0, top - 10, WIDTH, top - 1), fill=colours()["marigold"])
    draw.text((MARGIN, top + STRIP // 2), text, colours()["on-berry"], font_of(40), anchor="lm")


def _draw_head(image: Image.Image, draw: Any) -> None:
    with Image.open(settings.BASE_DIR / "static/img/icon-512.png") as picture:
        mark = picture.convert("RGBA").resize((MARK, MARK), Image.Resampling.LANCZOS)
    image.paste(mark, (MARGIN - 6, 48), mark)
    middle = 48 + MARK // 2
    draw.text((MARGIN + MARK + 16, middle), drawable(settings.SITE_NAME), colours()["ink"], font_of(38), "lm")


def _draw_words(draw: Any, card: Card) -> None:
    top = 160
    for text, colour, lines, sizes in (
        (card.eyebrow, "berry", 1, (36,)),
        (card.title, "ink", 1 if card.text else 3, (84, 72, 60, 50, 42)),
        (card.text, "ink", 2, (40, 34)),
        (card.facts, "ink-soft", 1, (34, 28)),
    ):
        top = _draw_block(draw, drawable(text), top, colour=colours()[colour], lines=lines, sizes=sizes)


def _draw_block(draw: Any, text: str, top: int, *, colour: str, lines: int, sizes: tuple[int, ...]) -> int:
    """Draws the text and returns where the next one begins."""
    if not text:
        return top
    size, found = fitted(text, width=WIDTH - 2 * MARGIN, lines=lines, sizes=sizes)
    for number, line in enumerate(found):
        draw.text((MARGIN, top + round(number * size * LINE)), line, colour, font_of(size), anchor="la")
    return top + round(len(found) * size * LINE) + 12
