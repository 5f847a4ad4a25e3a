"""The HTML part of the site's own emails, made from their text.

The text is complete: a line with a label and a URL of this site is a button, an indented line is a code, and
what comes after the signature separator is the foot.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
CODE = "    "
# As in every plain-text email (RFC 3676).
FOOT = "\n-- \n"
# Lists of emails show about this much after the subject.
LONGEST_PREHEADER = 110
# Keeps what comes after a short one out of those lists.
FILLER = "\N{NO-BREAK SPACE}\N{ZERO WIDTH NON-JOINER}" * 40


@dataclass(frozen=True)
class Button:
    label: str
    url: str


@dataclass(frozen=True)
class Paragraph:
    lines: list[str]

    @property
    def is_code(self) -> bool:
        return self.lines[0].startswith(CODE)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())

    @property
    def html(self) -> SafeString:
        return mark_safe("<br>".join(map(_with_links, self.lines)))  # noqa: S308  # each line is escaped

    @property
    def buttons(self) -> list[Button]:
        """One for each line, if every line is a label and a URL of this site."""
        own = re.escape(settings.SITE_URL)
        found = [re.fullmatch(rf"(.+?)\s*[::]\s+({own}(?:/\S*)?)", line) for line in self.lines]
        return [Button(*each.groups()) for each in found if each] if all(found) else []


def html_of_email(text: str, *, subject: str) -> str:
    """The text of an email as HTML. Only URLs of this site become links, because names come from people."""
    body, _separator, foot = text.strip("\n").partition(FOOT)
    paragraphs = _paragraphs(body)
    context = {
        "subject": subject,
        "site_name": settings.SITE_NAME,
        "preheader": preheader(" ".join(_prose(paragraphs))),
        "paragraphs": paragraphs,
        "foot": _paragraphs(foot),
    }
    return INLINER.inline(render_to_string("email/email.html", context))


def preheader(text: str) -> str:
    """The first words of an email, as lists of emails show them after the subject."""
    return Truncator(" ".join(text.split())).chars(LONGEST_PREHEADER, truncate="…") + FILLER


def _prose(paragraphs: list[Paragraph]) -> list[str]:
    """What the email says up to its first button, without the greeting, which comes first."""
    said = [paragraph.text for paragraph in takewhile(lambda each: not each.buttons, paragraphs)]
    return said[1:] or said


def _paragraphs(text: str) -> list[Paragraph]:
    pieces = re.split(r"\n\s*\n", text.strip("\n"))
    return [Paragraph(piece.splitlines()) for piece in pieces if piece.strip()]


def _with_links(line: str) -> str:
    own = re.escape(settings.SITE_URL)
    pieces = map(escape, re.split(rf"({own}(?:/\S*)?)(?=\s|$)", line))
    return "".join(f'<a href="{piece}">{piece}</a>' if n % 2 else piece for n, piece in enumerate(pieces))
