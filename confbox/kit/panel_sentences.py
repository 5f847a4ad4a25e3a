"""The sentences of a panel as text, for programs: what the page says before an act is said once."""

from html.parser import HTMLParser
from typing import Any

from django.template.loader import render_to_string

from confbox.kit.panels import Panel

SENTENCES = ("p", "li")


def sentences_of(panel: Panel | None, **context: Any) -> list[str]:
    return sentences_in(panel.template, facts=panel.facts, **context) if panel else []


def sentences_in(template: str, **context: Any) -> list[str]:
    """Its paragraphs and the items of its lists, without those of its form."""
    reader = _Reader()
    reader.feed(render_to_string(template, context))
    return [said for said in reader.sentences if said]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[list[str]] = []
        self.is_inside = self.is_in_form = False

    @property
    def sentences(self) -> list[str]:
        return [" ".join("".join(pieces).split()) for pieces in self.pieces]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_in_form = self.is_in_form or tag == "form"
        if tag in SENTENCES:
            self.is_inside = not self.is_in_form
            self.pieces.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_in_form = False
        if tag in SENTENCES:
            self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.pieces[-1].append(data)
