"""Tables with a first row that names their columns, such as the exports of ticket shops."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.table_files import as_long_as
from confbox.kit.xlsx_files import Formula
from conferences.roster import columns as c
from conferences.roster.lines import people_in
from conferences.roster.rows import Found, shown


@dataclass(frozen=True)
class Cells:
    """One row, by the headings of its columns."""

    line: int
    by_heading: dict[str, str]

    def first(self, headings: Iterable[str]) -> str:
        """The first of these columns, in the order given, that is not empty."""
        return next((text for name in headings if (text := self.by_heading.get(name, "")).strip()), "")


def people_of_table(lines: Iterator[tuple[int, list[str]]]) -> Iterator[Found]:
    """Raises ValidationError if the first row names no column of email addresses."""
    _line, header = next(lines)
    headings = [c.heading(cell) for cell in header]
    if not set(headings) & set(c.EMAILS):
        raise ValidationError(
            _("The first line must name the columns. Please call the one with the email addresses “email”."),
            code="file_refused",
        )
    for line, cells in lines:
        try:
            yield _person(Cells(line, _by_heading(headings, as_long_as(header, cells))))
        except ValidationError as refusal:
            yield Found(line, next(filter(None, cells), ""), refused=str(refusal.message))


def _by_heading(headings: list[str], cells: list[str]) -> dict[str, str]:
    """Of two columns with the same name, the first that is filled counts."""
    found: dict[str, str] = {}
    for name, cell in zip(headings, cells, strict=True):
        if not found.get(name, "").strip():
            found[name] = cell
    return found


def _person(cells: Cells) -> Found:
    address = cells.first(c.EMAIL)
    is_of_buyer = not address
    address = address or cells.first(c.EMAIL_OF_BUYER)
    name, reference = _name(cells, is_of_buyer), _reference(cells)
    if reason := _why_void(cells):
        return Found(cells.line, address, name, left_out=reason)
    if not address:
        return Found(cells.line, "", name or reference, left_out=_("it has no email address"))
    if isinstance(address, Formula):
        return Found(cells.line, address, name, reference)
    if "@" not in address:
        return Found(cells.line, address, name, reference, refused=_("This is not an email address."))
    people = list(people_in(cells.line, address))
    if len(people) > 1:
        reason = _("This cell has several email addresses. Please give each person a row of their own.")
        return Found(cells.line, address, name, reference, refused=reason)
    [person] = people
    return Found(cells.line, person.email, name or person.name, reference, is_of_buyer)


def _name(cells: Cells, is_of_buyer: bool) -> str:
    if full := cells.first(c.FULL_NAME):
        return full
    first, last = cells.first(c.FIRST_NAME), cells.first(c.LAST_NAME)
    last = last or (cells.first(c.NAME) if first else "")
    if first and last and not isinstance(first, Formula):
        return f"{first} {last}"
    return first or last or cells.first(c.NAME) or (cells.first(c.NAME_OF_BUYER) if is_of_buyer else "")


def _reference(cells: Cells) -> str:
    reference, position = cells.first(c.REFERENCE), cells.first(c.POSITION)
    return f"{reference}-{position}" if reference and position else reference


def _why_void(cells: Cells) -> str:
    """The words in the row that say that its ticket is no longer valid."""
    for name in c.STATUS:
        status = cells.by_heading.get(name, "").strip()
        folded = c.heading(status)
        if folded in c.VOID:
            return _("its status is “%(status)s”") % {"status": shown(status)}
        if name == c.VOID_STATUS and folded in c.YES:
            return _("its ticket is void")
    return ""
