"""Lists that are not tables: `Name <email address>`, one or more people on a line, as pasted."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from conferences.roster.rows import AT, Found

# What separates people and cells, full-width forms included.
PIECES = re.compile(r"[^\s,;|<>()\[\]，；＜＞、]+")
# Between a name and what comes before or after it.
AROUND = " \t\r\n\v\f,;|<>()[]，；＜＞、\"“”„«»'*•"
CELLS = re.compile(r"[,;|\t，；]+")


def people_of(lines: Iterable[tuple[int, str]]) -> Iterator[Found]:
    for number, line in lines:
        if _plain(line):
            yield from people_in(number, line)


def people_in(number: int, line: str) -> Iterator[Found]:
    """Each email address on the line with the name before it; name and reference may follow a single one."""
    pieces = [match for match in PIECES.finditer(line) if AT.search(match[0])]
    if not pieces:
        yield Found(number, _plain(line), refused=_("There is no email address on this line."))
    elif len(pieces) == 1:
        yield _only_person(number, line, pieces[0])
    else:
        ends = [0, *(piece.end() for piece in pieces)]
        for end, piece in zip(ends, pieces, strict=False):
            yield Found(number, piece[0], _plain(line[end : piece.start()]))


def _only_person(number: int, line: str, piece: re.Match[str]) -> Found:
    before, after = _plain(line[: piece.start()]), _plain(line[piece.end() :])
    if before and not CELLS.search(line[piece.end() :]):
        return Found(number, piece[0], before)
    following = [cell for cell in map(_plain, CELLS.split(after)) if cell]
    names = [before, *following] if before else following
    name, reference = (*names, "", "")[:2]
    if not before and not _has_letter(name):
        name, reference = "", name
    return Found(number, piece[0], name, reference)


def _plain(text: str) -> str:
    """The text without surrounding punctuation; empty if it has no letter or digit."""
    plain = text.strip(AROUND).lstrip(".:- ")
    return plain if any(c.isalnum() for c in plain) else ""


def _has_letter(text: str) -> bool:
    return any(unicodedata.category(c).startswith("L") for c in text)
