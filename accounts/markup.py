"""Text that people write in Markdown, as HTML that is safe to show."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}
# Deeper than this nobody reads; a text made of nothing else must cost a reader nothing.
DEEPEST = 20
PARSER = MarkdownIt("commonmark", {"breaks": True, "maxNesting": DEEPEST}).enable(["table", "strikethrough"])
# What may be linked is decided below, for raw HTML as well.
PARSER.validateLink = lambda url: True  # type: ignore[method-assign]


def markdown_to_html(text: str) -> str:
    """Renders Markdown and keeps only the tags, attributes and link schemes that are listed here.

    Pictures are not among them: a remote one would tell its host who reads the page.
    """
    tokens = PARSER.parse(text)
    _level_headings(tokens)
    return nh3.clean(
        PARSER.renderer.render(tokens, PARSER.options, {}).strip(),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_without_relative_links,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow ugc",
    )


def _level_headings(tokens: list[Token]) -> None:
    """Headings begin at the third level, below those of the page, and skip none on the way down."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            above = [level for level in above if level < token.tag] + [token.tag]
        if token.type.startswith("heading_"):
            token.tag = f"h{min(2 + len(above), 6)}"


def _without_relative_links(tag: str, attribute: str, value: str) -> str | None:
    """A link within this site could press one of its buttons; only whole addresses are kept."""
    scheme, _colon, rest = value.partition(":")
    is_whole = scheme.lower() in SCHEMES and (scheme.lower() == "mailto" or rest.startswith("//"))
    return value if attribute != "href" or is_whole else None
