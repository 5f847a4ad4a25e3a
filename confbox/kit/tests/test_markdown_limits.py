"""A few characters of Markdown cannot become a page of HTML, nor slow down a reader."""

import nh3
import pytest
from django.core.exceptions import ValidationError

from confbox.kit import markdown, markdown_limits
from confbox.kit.email_html import INLINER
from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html, validate_markdown
from confbox.kit.tests.page import parse
from confbox.kit.tests.work import calls_of

pytestmark = pytest.mark.slow

LENGTH = 9900
# Ordinary text makes 12; at 250 a text of LENGTH takes a core of 2026 some 0.2 seconds.
MOST_CALLS_A_CHARACTER = 250


def filled(piece, head=""):
    return (head + piece * LENGTH)[:LENGTH]


def wide(columns):
    return "|" + "a|" * columns + "\n|" + "-|" * columns + "\n"


# The worst of some thousand that a search over all constructs found, and what they became or cost before.
GREEDY = {
    "table of many columns": filled("|\n", wide(100)),  # 690,000 characters
    "table of few columns and many lines": filled("a\n", wide(10)),
    "table after table": filled("a|b\n-|-\n" + "a\n" * 40 + "\n"),
    "reference to a long address": filled("[a]", f"[a]: http://{'b' * 4000}\n\n"),  # 3,400,000
    "reference to an address that is escaped": filled("[a]", f"[a]: http://{'&' * 4000}\n\n"),  # 16,700,000
    "reference with a title": filled("[a]", "[a]: http://b '" + '"&' * 2000 + "'\n\n"),  # 18,400,000
    "short links": filled("[a](b)"),
    "bare links": filled("<http://a>"),
    "empty headings": filled("#\n"),  # 430,000 with the styles of an email
    "empty items": filled("-\n"),
    "items in items": filled("- - - - - - - - - a\n"),
    "emphasis in emphasis": filled("_*"),
    "paragraphs": filled("a\n\n"),
    "line breaks": filled("a\n"),
    "escaped characters": filled("&"),
    "pictures that do not end": filled("!["),  # 0.2 seconds
    "links that do not end": filled("["),
    "quotations of one line": filled("> # a\nb\n"),  # 1.0 second
    "quotations of code": filled("> ~~~\nb\n"),
    "headings underlined": filled("a\n-\n"),
    "lines that look like a table": filled("a|\nb\n"),
    "quotations in quotations": filled(">"),
    "lists in lists": "".join(" " * (2 * depth) + "- a\n" for depth in range(95)),
}


@pytest.mark.parametrize("text", GREEDY.values(), ids=GREEDY)
def test_greedy_text_costs_a_reader_little(monkeypatch, text):
    cleaned = []
    clean = nh3.clean
    monkeypatch.setattr(
        markdown.nh3, "clean", lambda html, **options: cleaned.append(html) or clean(html, **options)
    )
    assert calls_of(markdown_to_html.__wrapped__, text) < MOST_CALLS_A_CHARACTER * len(text)
    assert sum(len(html) for html in cleaned) < 12.5 * len(text)


@pytest.mark.parametrize("text", GREEDY.values(), ids=GREEDY)
def test_greedy_text_becomes_no_page_of_html(text):
    assert len(markdown_to_html(text)) < 12.5 * len(text)


def test_cost_is_seen_where_quotations_are_not_limited(monkeypatch):
    monkeypatch.setattr(markdown_limits, "QUOTES", LENGTH)
    text = GREEDY["quotations of one line"][: LENGTH // 3]
    assert calls_of(markdown_to_html.__wrapped__, text) > 2 * MOST_CALLS_A_CHARACTER * len(text)


@pytest.mark.parametrize("text", GREEDY.values(), ids=GREEDY)
def test_greedy_text_makes_no_large_email(text):
    html = markdown_to_html(text)
    style = "h3, h4, p, ul, li, td, a, blockquote { color: #1a1a1a; line-height: 1.5; margin: 0 0 1rem; }"
    assert (
        len(INLINER.inline(f"<html><head><style>{style}</style></head><body>{html}</body></html>")) < 250_000
    )
    assert len(html_to_text(html)) < 3 * len(text)


@pytest.mark.parametrize(
    "text",
    [wide(5) + "a|b|c|d|e\n" * 60, "> one\n\ntext\n\n" * 20, "- [site](https://example.org/) **is**\n" * 250],
    ids=["table", "quotations", "list"],
)
def test_text_that_people_write_is_taken_and_rendered(text):
    validate_markdown(text)
    assert parse(markdown_to_html(text)).elements[0][0] != "pre"


@pytest.mark.parametrize("table", [wide(21), wide(20) + "a\n" * 60], ids=["columns", "cells"])
def test_large_table_is_refused_with_its_limit(table):
    with pytest.raises(ValidationError, match="at most 20 columns and 1000 cells"):
        validate_markdown("Before\n\n" + table)


def test_large_table_that_was_stored_before_is_shown_as_typed():
    html = markdown_to_html("Before\n\n" + wide(21))
    assert not parse(html).has("table")
    assert "a|a|a|a" in parse(html).text


@pytest.mark.parametrize(
    "name", ["reference to a long address", "empty items", "pictures that do not end", "quotations of code"]
)
def test_text_that_would_become_too_much_is_refused_and_shown_as_typed(name):
    with pytest.raises(ValidationError, match="at most 1396 list items"):
        validate_markdown(GREEDY[name])
    shown = parse(markdown_to_html(GREEDY[name]))
    assert ([tag for tag, _ in shown.elements], shown.raw_text) == (["pre"], GREEDY[name])


def test_text_is_rendered_once():
    text = filled("rendered *once* ")
    assert markdown_to_html(text) is markdown_to_html("".join(text))


def test_changed_text_is_rendered_anew():
    assert markdown_to_html("*a*") != markdown_to_html("*b*")
