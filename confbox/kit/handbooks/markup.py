"""What the Markdown of the handbooks means beyond CommonMark: tables, anchors, links and pictures."""

import re
from collections.abc import MutableMapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from PIL import Image

ANCHOR = re.compile(r"\s*\{#([a-z0-9-]+)\}$")
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
THEMES = ("light", "dark")


def title_and_anchor(heading: str) -> tuple[str, str]:
    """Of `Title {#anchor}`: anchors are written out, so that they are the same in all languages."""
    found = ANCHOR.search(heading)
    return (heading[: found.start()], found[1]) if found else (heading, "")


def _link(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """A link to another file, such as `people.md#roster`, leads to its page."""
    token = tokens[at]
    path, _hash, anchor = str(token.attrGet("href")).partition("#")
    if path.endswith(".md"):
        file = PurePosixPath(env["handbook"]) / path
        handbook = file.parts[-2] if ".." in file.parts else env["handbook"]
        page = reverse("handbook-chapter", args=[handbook, file.stem])
        token.attrSet("href", f"{page}#{anchor}" if anchor else page)
    return self.renderToken(tokens, at, options, env)


def _picture(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """A picture in both themes; style sheets show the one that fits, and the browser loads no other."""
    light = PurePosixPath(str(tokens[at].attrGet("src"))).name
    shown = [_image(light.replace("-light.", f"-{theme}."), theme, tokens[at].content) for theme in THEMES]
    return format_html('<span class="help-picture">{}{}</span>', *shown)


def _image(name: str, theme: str, text: str) -> str:
    with Image.open(settings.BASE_DIR / "static/help" / name) as picture:
        width, height = picture.size
    return format_html(
        '<img class="in-{}" src="{}" alt="{}" width="{}" height="{}" loading="lazy" decoding="async">',
        theme,
        static(f"help/{name}"),
        text,
        # They are taken at twice the density, so that they are sharp.
        width // 2,
        height // 2,
    )


PARSER.add_render_rule("link_open", _link)
PARSER.add_render_rule("image", _picture)
