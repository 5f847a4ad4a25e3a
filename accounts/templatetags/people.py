from zlib import crc32

from django import template

register = template.Library()

HUES = 6


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends)


@register.filter
def hue(name: str) -> int:
    """The same number for the same name at every visit, to colour an avatar with."""
    return crc32(name.encode(errors="replace")) % HUES
