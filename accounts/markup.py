"""Text that people write in Markdown, as HTML that is safe to show."""

import markdown
import nh3

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}
# A page has its own first and second level; what people write begins below them.
HEADINGS = {"baselevel": 3}


def markdown_to_html(text: str) -> str:
    """Renders Markdown and keeps only the tags, attributes and link schemes that are listed here.

    Pictures are not among them: a remote one would tell its host who reads the page.
    """
    html = markdown.markdown(
        text, extensions=["tables", "sane_lists", "nl2br", "toc"], extension_configs={"toc": HEADINGS}
    )
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_without_relative_links,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow ugc",
    )


def _without_relative_links(tag: str, attribute: str, value: str) -> str | None:
    """A link within this site could press one of its buttons; only whole addresses are kept."""
    is_whole = value.partition(":")[0].lower() in SCHEMES
    return value if attribute != "href" or is_whole else None
