"""Limits on the size of rendered Markdown: a few characters can ask for a page of cells or links."""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from markdown_it.rules_block import StateBlock, blockquote, table
from markdown_it.token import Token

COLUMNS, CELLS = 20, 1000
QUOTES = 25
DELIMITERS = re.compile(r"[\s|:]*-[-\s|:]*\Z")
TEXT = {"text", "softbreak", "hardbreak", "inline"}


def table_within_limits(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """The parser's rule for tables. A table that is too large stays text, and so does what follows it.

    The parser calls this for each line, so the lines of a table are counted only once.
    """
    if state.env.get("large_table") or first + 2 > last or "|" not in _line(state, first):
        return False
    columns = _columns(_line(state, first + 1))
    if columns > COLUMNS or (columns and columns * _lines(state, first, last) > CELLS):
        state.env["large_table"] = True
        return False
    return table(state, first, last, silent)


def quote_within_limits(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """The parser's rule for quotations: each one makes it scan all that follows."""
    if not silent and blockquote(state, first, last, silent=True):
        state.env["quotes"] = state.env.get("quotes", 0) + 1
    return state.env.get("quotes", 0) <= QUOTES and blockquote(state, first, last, silent)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _columns(line: str) -> int:
    """The number of columns in the line between a table's head and body; 0 if it is not such a line."""
    return line.strip().strip("|").count("|") + 1 if DELIMITERS.match(line) else 0


def _lines(state: StateBlock, first: int, last: int) -> int:
    end = first
    while end < last and not state.isEmpty(end):
        end += 1
    return end - first - 1


def most_elements(text: str) -> int:
    return 1000 + len(text) // 25


def most_characters(text: str) -> int:
    """The limit for the HTML.

    Links and escaped characters turn one character into six; ten means repetition.
    """
    return 20_000 + 10 * len(text)


def has_too_many_brackets(text: str) -> bool:
    """For each bracket the parser scans the rest of the text for its end."""
    return text.count("[") > most_elements(text)


def is_too_much(text: str, tokens: list[Token], noticed: dict[str, int]) -> bool:
    """Checked before rendering, which is the expensive part."""
    elements = written = 0
    for token in _all(tokens):
        elements += token.type not in TEXT and token.nesting >= 0
        written += len(token.content) + sum(len(str(value)) for value in token.attrs.values())
    if noticed.get("quotes", 0) > QUOTES:
        return True
    return elements > most_elements(text) or written > most_characters(text)


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or (token,)


def large_table() -> ValidationError:
    sentence = _("A table may have at most %(columns)d columns and %(cells)d cells. Please make it smaller.")
    return ValidationError(sentence % {"columns": COLUMNS, "cells": CELLS}, code="large_table")


def too_much(text: str) -> ValidationError:
    sentence = _(
        "This text would become too large to show: a text of this length can have at most %(most)d "
        "list items, cells, links and the like."
    )
    return ValidationError(sentence % {"most": most_elements(text)}, code="too_much")
