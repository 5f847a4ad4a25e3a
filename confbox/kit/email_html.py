"""The HTML part of the site's own emails, made from their text."""

import re
from dataclasses import dataclass

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
CODE = "    "


@dataclass(frozen=True)
class Paragraph:
    lines: list[str]

    @property
    def is_code(self) -> bool:
        return self.lines[0].startswith(CODE)

    @property
    def text(self) -> str:
        return self.lines[0].strip()

    @property
    def html(self) -> SafeString:
        return mark_safe("<br>".join(map(_with_links, self.lines)))  # noqa: S308  # each line is escaped


def html_of_email(text: str, *, subject: str) -> str:
    """The text of an email as HTML. Only URLs of this site become links, because names come from people."""
    pieces = re.split(r"\n\s*\n", text.strip("\n"))
    paragraphs = [Paragraph(piece.splitlines()) for piece in pieces if piece.strip()]
    context = {"subject": subject, "site_name": settings.SITE_NAME, "paragraphs": paragraphs}
    return INLINER.inline(render_to_string("email/email.html", context))


def _with_links(line: str) -> str:
    own = re.escape(settings.SITE_URL)
    pieces = map(escape, re.split(rf"({own}(?:/\S*)?)(?=\s|$)", line))
    return "".join(f'<a href="{piece}">{piece}</a>' if n % 2 else piece for n, piece in enumerate(pieces))
