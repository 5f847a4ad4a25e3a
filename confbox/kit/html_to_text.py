"""The text part of an email, made from the same sanitised HTML as the HTML part."""

from html.parser import HTMLParser

BLOCKS = {"p", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "table", "hr"}


def html_to_text(html: str) -> str:
    """The text of the HTML, with its paragraphs, list markers and URLs of links."""
    writer = _Writer()
    writer.feed(html)
    return "\n".join(_without_doubled_gaps(writer.text().splitlines()))


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.lists: list[int | None] = []
        self.link = ""
        self.link_start = 0
        self.is_as_typed = self.is_after_mark = False

    def text(self) -> str:
        return "".join(self.pieces).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._begin_block(tag)
        if tag in ("ul", "ol"):
            self.lists.append(int(dict(attrs).get("start") or 1) if tag == "ol" else None)
        elif tag == "li":
            self.pieces.append("\n" + self._mark(dict(attrs).get("value")))
            self.is_after_mark = True
        elif tag == "pre":
            self.is_as_typed = True
        elif tag == "a":
            self.link, self.link_start = dict(attrs).get("href") or "", len(self.pieces)
        self.pieces.append({"br": "\n", "hr": "----", "tr": "\n", "td": " ", "th": " "}.get(tag, ""))

    def _begin_block(self, tag: str) -> None:
        """A nested list follows its item, and an item's first paragraph is on the same line as its marker."""
        if not self.is_after_mark and not (self.lists and tag in ("ul", "ol")):
            self.pieces.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag == "a":
            self._end_link()
        if tag == "pre":
            self.is_as_typed = False
        if tag in BLOCKS and not (self.lists and tag in ("ul", "ol")):
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Outside code every line break has its tag, so the one in the source would double it."""
        words = data if self.is_as_typed else data.replace("\n", "")
        self.is_after_mark = self.is_after_mark and not words
        self.pieces.append(words)

    def _mark(self, typed: str | None) -> str:
        if typed and self.lists:
            self.lists[-1] = int(typed)
        depth = "  " * (len(self.lists) - 1)
        number = self.lists[-1] if self.lists else None
        if number is None:
            return f"{depth}- "
        self.lists[-1] = number + 1
        return f"{depth}{number}. "

    def _end_link(self) -> None:
        words = "".join(self.pieces[self.link_start :])
        if self.link and self.link != words:
            self.pieces.append(f" ({self.link})")
        self.link = ""


def _without_doubled_gaps(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1]):
            kept.append(line.rstrip())
    return kept
