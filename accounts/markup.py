"""Text that people write in Markdown, as HTML that is safe to show."""

from xml.etree.ElementTree import Element

import markdown
import nh3
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class HeadingLevels(Treeprocessor):
    """Headings begin at the third level, below those of the page, and skip none on the way down."""

    def run(self, root: Element) -> None:
        above: list[str] = []
        for heading in [element for element in root.iter() if element.tag in HEADINGS]:
            above = [level for level in above if level < heading.tag] + [heading.tag]
            heading.tag = f"h{min(2 + len(above), 6)}"


class Headings(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.treeprocessors.register(HeadingLevels(md), "heading_levels", 5)


def markdown_to_html(text: str) -> str:
    """Renders Markdown and keeps only the tags, attributes and link schemes that are listed here.

    Pictures are not among them: a remote one would tell its host who reads the page.
    """
    html = markdown.markdown(text, extensions=["tables", "sane_lists", "nl2br", Headings()])
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
