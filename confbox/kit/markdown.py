"""Markdown that people write, as HTML that is safe to show."""

import re
from functools import lru_cache
from itertools import pairwise

import nh3
from django.core.exceptions import ValidationError
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.token import Token

from confbox.kit.markdown_limits import (
    has_too_many_brackets,
    is_too_much,
    large_table,
    most_characters,
    quote_within_limits,
    table_within_limits,
    too_much,
)
from confbox.kit.markdown_urls import link_bare_url

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "li": {"value"}}
SCHEMES = {"http", "https", "mailto"}
# Deeper nesting is unreadable; a text made only of nesting must cost a reader nothing.
DEEPEST = 20
YEAR = re.compile(r"\d{4,}[.)]")
# HTML is off, so text in angle brackets is plain text: `Vec<String>`, "Dear <Name>".
OPTIONS = {"breaks": True, "html": False, "maxNesting": DEEPEST}


def _list_or_year(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A parser rule: a line that begins with a year or another large number does not start a list."""
    return not _is_year(state, first) and list_block(state, first, last, silent)


def _year_ends_list(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A parser rule that matches nothing itself: it decides whether a list ends before the line."""
    return silent and _is_year(state, first)


def _is_year(state: StateBlock, line: int) -> bool:
    return bool(YEAR.match(state.src, state.bMarks[line] + state.tShift[line], state.eMarks[line]))


PARSER = MarkdownIt("commonmark", OPTIONS).enable(["table", "strikethrough"])
PARSER.block.ruler.at("list", _list_or_year, {"alt": ["paragraph", "reference", "blockquote"]})
PARSER.block.ruler.before("list", "year", _year_ends_list, {"alt": ["list"]})
PARSER.block.ruler.at("table", table_within_limits, {"alt": ["paragraph", "reference"]})
PARSER.block.ruler.at(
    "blockquote", quote_within_limits, {"alt": ["paragraph", "reference", "blockquote", "list"]}
)
PARSER.inline.ruler.before("escape", "bare_url", link_bare_url)
PARSER.add_render_rule("image", lambda renderer, tokens, at, options, env: escapeHtml(tokens[at].content))
# Links are restricted below.
PARSER.validateLink = lambda url: True  # type: ignore[method-assign]


@lru_cache(512)
def markdown_to_html(text: str) -> str:
    """Renders Markdown and keeps only the tags, attributes and link schemes that are listed here.

    Images are not among them: a remote image would tell its host who reads the page. Their alternative text
    is kept. A text whose HTML would be too large is shown as it was typed.
    """
    try:
        return _rendered(text, {})
    except ValidationError:
        return f"<pre>{escapeHtml(text)}</pre>"


def validate_markdown(text: str) -> None:
    """Refuses what `markdown_to_html` would show as it was typed, because its HTML would be too large."""
    noticed: dict[str, int] = {}
    _rendered(text, noticed)
    if noticed.get("large_table"):
        raise large_table()


def _rendered(text: str, noticed: dict[str, int]) -> str:
    """The HTML; adds to `noticed` what was left as it was typed."""
    if has_too_many_brackets(text):
        raise too_much(text)
    tokens = PARSER.parse(text, noticed)
    if is_too_much(text, tokens, noticed):
        raise too_much(text)
    _level_headings(tokens)
    _keep_numbers(tokens)
    html = nh3.clean(
        PARSER.renderer.render(tokens, PARSER.options, {}).strip(),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_without_relative_links,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow ugc",
    )
    if len(html) > most_characters(text):
        raise too_much(text)
    return html


def _level_headings(tokens: list[Token]) -> None:
    """Starts headings at the third level, below those of the page, and skips no level on the way down."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            above = [level for level in above if level < token.tag] + [token.tag]
        if token.type.startswith("heading_"):
            token.tag = f"h{min(2 + len(above), 6)}"


def _keep_numbers(tokens: list[Token]) -> None:
    """Keeps the numbers that were typed for the items of a list; if all are the same, they are counted."""
    lists: list[list[Token]] = []
    for token in tokens:
        if token.type in ("ordered_list_open", "bullet_list_open"):
            lists.append([])
        elif token.type == "list_item_open":
            lists[-1].append(token)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            _number(lists.pop())


def _number(items: list[Token]) -> None:
    numbers = [int(item.info or 0) for item in items]
    if len(set(numbers)) == 1:
        return
    for item, (before, number) in zip(items[1:], pairwise(numbers), strict=True):
        if number != before + 1:
            item.attrSet("value", str(number))


def _without_relative_links(tag: str, attribute: str, value: str) -> str | None:
    """Removes links within this site, which could trigger an action; only absolute URLs are kept."""
    scheme, _colon, rest = value.partition(":")
    is_whole = scheme.lower() in SCHEMES and (scheme.lower() == "mailto" or rest.startswith("//"))
    return value if attribute != "href" or is_whole else None
