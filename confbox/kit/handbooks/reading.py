"""The chapters of the handbooks, read from Markdown files that belong to the project."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from markdown_it.token import Token

from confbox.kit.handbooks.contents import HANDBOOKS
from confbox.kit.handbooks.markup import PARSER, title_and_anchor

FOLDER = Path(settings.BASE_DIR) / "docs/help"


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str


@dataclass(frozen=True)
class Chapter:
    """`html` is safe: it has only what our own files have. `name` is empty for the cover of a handbook."""

    handbook: str
    name: str
    language: str
    title: str
    html: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Handbook:
    name: str
    cover: Chapter
    chapters: tuple[Chapter, ...]


def handbook_of(name: str, language: str, *, level: int = 2) -> Handbook:
    """`level` is that of the headings inside the chapters."""
    chapters = tuple(chapter_of(name, chapter, language, level=level) for chapter in HANDBOOKS[name])
    return Handbook(name, replace(chapter_of(name, "cover", language), name=""), chapters)


def chapter_of(handbook: str, name: str, language: str, *, level: int = 2) -> Chapter:
    """In English if there is no translation."""
    path = FOLDER / language / handbook / f"{name}.md"
    if not path.is_file():
        language, path = "en", FOLDER / "en" / handbook / f"{name}.md"
    title, html, sections = _rendered(path, path.stat().st_mtime_ns, level)
    return Chapter(handbook, name, language, title, html, sections)


def page_of_file(path: Path) -> Chapter:
    """A text of no handbook, which is in English."""
    title, html, sections = _rendered(path, path.stat().st_mtime_ns, 2)
    return Chapter("", path.stem, "en", title, html, sections)


@lru_cache(512)
def _rendered(path: Path, changed_ns: int, level: int) -> tuple[str, str, tuple[Section, ...]]:
    """`changed_ns` lets a changed file be read again."""
    tokens = PARSER.parse(path.read_text("utf-8"), {})
    title, _anchor = title_and_anchor(tokens[1].content)
    body = tokens[3:]
    sections = tuple(_sections(body, level))
    html = PARSER.renderer.render(body, PARSER.options, {"handbook": path.parent.name})
    return title, _with_wrapped_tables(html), sections


def _sections(tokens: list[Token], level: int) -> list[Section]:
    """Gives each heading its anchor and its level on the page."""
    found = []
    for opening, inline in pairwise(tokens):
        if opening.type.startswith("heading_"):
            opening.tag = f"h{level}"
        if opening.type != "heading_open":
            continue
        title, anchor = title_and_anchor(inline.content)
        opening.attrSet("id", anchor)
        assert inline.children is not None
        inline.children[-1].content = title_and_anchor(inline.children[-1].content)[0]
        found.append(Section(anchor, title))
    return found


def _with_wrapped_tables(html: str) -> str:
    return re.sub(r"<table>.*?</table>", r'<div class="scrolls">\g<0></div>', html, flags=re.DOTALL)
