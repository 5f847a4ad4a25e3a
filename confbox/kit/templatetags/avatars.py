import unicodedata
from typing import Any
from zlib import crc32

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

HUES = 6
JOINER, NON_JOINER = "\u200d", "\u200c"
VIRAMA = 9
PICTURE = '<img class="{classes}" src="{path}" alt="" width="80" height="80" loading="lazy">'
INITIALS = '<span class="{classes} hue-{hue}" aria-hidden="true">{initials}</span>'


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """The picture of a person, or their initials. `size` is `small` or `large`.

    Not a template, because this is on every page and often ten times.
    """
    classes = f"avatar avatar-{size}" if size else "avatar"
    if not person.picture:
        initial, colour = initials(person.name), hue(person.name)
        return format_html(INITIALS, classes=classes, hue=colour, initials=initial)
    path = person.picture.url if size == "large" else person.small_picture_url
    return format_html(PICTURE, classes=classes, path=path)


def initials(name: str) -> str:
    """The first characters of the first and last word of a name, as readers see them.

    Title case gives capitals where a script uses them in names; upper case would produce Georgian letters
    that few fonts have. Letters that would join are kept apart.
    """
    words = list(filter(None, map(_from_first_letter, name.split()))) or name.split()
    firsts = [first_character(word) for word in words[:1] + words[1:][-1:]]
    joins = any(unicodedata.bidirectional(first[0]) in ("AL", "R") for first in firsts)
    return (NON_JOINER if joins else "").join(map(_titled, firsts))


def first_character(word: str) -> str:
    """The first letter with its marks, or an emoji with all its parts."""
    end = 2 if all("\U0001f1e6" <= c <= "\U0001f1ff" for c in word[:2]) else 1
    while end < len(word) and _goes_on(word[end - 1], word[end]):
        end += 1
    return word[:end]


def _goes_on(before: str, character: str) -> bool:
    is_conjunct = unicodedata.combining(before) == VIRAMA and character.isalpha()
    is_skin = "\U0001f3fb" <= character <= "\U0001f3ff"
    is_joined = JOINER in (before, character)
    return is_joined or is_conjunct or is_skin or unicodedata.category(character)[0] == "M"


def _from_first_letter(word: str) -> str:
    start = next((place for place, c in enumerate(word) if c.isalnum()), len(word))
    return word[start:]


def _titled(character: str) -> str:
    titled = character.title()
    return titled if len(titled) == len(character) else character


def hue(name: str) -> int:
    """The same hue for the same name on every visit, for the colour of an avatar."""
    return crc32(name.encode(errors="replace")) % HUES
