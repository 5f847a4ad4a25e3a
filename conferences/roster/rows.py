"""The rows of a list, and what is wrong with those that are refused."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from confbox.kit.coded import coded_error, coded_errors
from confbox.kit.email_addresses import (
    clean_email_address,
    normalise_email,
    validate_email_address,
    without_invisible_characters,
)
from confbox.kit.xlsx_files import Formula

MOST_ROWS = 20_000
# A longer cell cannot be a name or an email address and is ignored.
LONGEST_CELL = 1000
SHOWN = 60
LONGEST = {"email": 254, "name": 150, "reference": 100}
AT = re.compile("[@＠]")
is_email_address = EmailValidator()


@dataclass(frozen=True)
class Found:
    """The content of a line or of a row of a table as it was typed, and perhaps why it is refused."""

    line: int
    email: str
    name: str = ""
    reference: str = ""
    is_of_buyer: bool = False
    refused: str = ""
    left_out: str = ""


@dataclass(frozen=True)
class Row:
    """A person to put on the roster. `mailbox` identifies them."""

    line: int
    email: str
    mailbox: str
    name: str = ""
    reference: str = ""


@dataclass(frozen=True)
class OtherRow:
    """A row that is refused, or skipped because its ticket has no attendee."""

    line: int
    text: str
    reason: str
    name: str = ""
    reference: str = ""

    def __str__(self) -> str:
        text = f" ({self.text})" if self.text else ""
        return _("Line %(line)s%(text)s: %(reason)s") % {
            "line": self.line,
            "text": text,
            "reason": self.reason,
        }


@dataclass
class Listing:
    """The content of a file or a pasted text."""

    source: str
    rows: list[Row] = field(default_factory=list)
    refused: list[OtherRow] = field(default_factory=list)
    left_out: list[OtherRow] = field(default_factory=list)
    unused_columns: list[str] = field(default_factory=list)
    # Tickets without an email address of their own, for which the buyer's is used.
    of_buyers: int = 0
    # Not encoded as UTF-8: letters with accents may be wrong.
    is_windows_1252: bool = False

    def refuse_bad_rows(self, *, leaves_them_out: bool = False) -> None:
        """Left out, they are no reason to refuse the others; but some have to be left.

        Raises:
            ValidationError: with one message for each refused row.
        """
        if self.refused and not (leaves_them_out and self.rows):
            raise coded_errors([str(row) for row in self.refused], code="rows_refused")


def listing_of(source: str, people: Iterable[Found]) -> Listing:
    """Raises ValidationError if there are too many people in the list, or none."""
    listing, has_addresses = Listing(source), False
    for number, found in enumerate(people, start=1):
        if number > MOST_ROWS:
            raise ValidationError(
                _("There are more than %(most)s rows. Please split the list.") % {"most": f"{MOST_ROWS:,}"},
                code="too_many",
            )
        _add(listing, found)
        # One sentence about the list instead of one about each line; tickets may have no address.
        has_addresses = has_addresses or bool(found.left_out or AT.search(found.email))
    if not has_addresses:
        raise ValidationError(_("The list contains no email address."), code="file_refused")
    return listing


def _add(listing: Listing, found: Found) -> None:
    if found.left_out:
        listing.left_out.append(OtherRow(found.line, _text(found), found.left_out))
        return
    try:
        row = checked(found)
    except ValidationError as refusal:
        name, reference = (shown(found.name), shown(found.reference)) if found.email else ("", "")
        reason = " ".join(refusal.messages)
        listing.refused.append(OtherRow(found.line, _text(found), reason, name, reference))
    else:
        listing.rows.append(row)
        listing.of_buyers += found.is_of_buyer


def _text(found: Found) -> str:
    return shown(found.email or found.name)


def checked(found: Found) -> Row:
    """Raises ValidationError with a sentence about what is wrong."""
    if found.refused:
        raise coded_error(found.refused, code="rows_refused")
    for cell in (found.email, found.name, found.reference):
        if isinstance(cell, Formula):
            raise ValidationError(
                _("Formulas are not calculated here. Please paste the value instead."), code="rows_refused"
            )
    email = clean_email_address(_bounded(found.email, "email"))
    name, reference = _bounded(found.name, "name"), _bounded(found.reference, "reference")
    _refuse_longer(name, "name")
    _refuse_longer(reference, "reference")
    return Row(found.line, email, mailbox_of_entry(email), name, reference)


def mailbox_of_entry(email: str) -> str:
    """The normalised spelling of an email address.

    Raises:
        ValidationError: it is not valid.
    """
    mailbox = normalise_email(email)
    validate_email_address(mailbox)
    try:
        is_email_address(mailbox)
    except ValidationError as error:
        raise ValidationError(_("This is not an email address."), code="rows_refused") from error
    _refuse_longer(max(email, mailbox, key=len), "email")
    return mailbox


def _bounded(text: str, column: str) -> str:
    if len(text) > LONGEST_CELL:
        raise _too_long(column, LONGEST_CELL)
    return without_invisible_characters(text)


def _refuse_longer(text: str, column: str) -> None:
    if len(text) > LONGEST[column]:
        raise _too_long(column, LONGEST[column])


def _too_long(column: str, most: int) -> ValidationError:
    what = {"email": _("The email address"), "name": _("The name"), "reference": _("The reference")}
    return ValidationError(
        _("%(what)s is longer than %(most)s characters.") % {"what": what[column], "most": most},
        code="rows_refused",
    )


def shown(text: str) -> str:
    return Truncator(without_invisible_characters(text[:LONGEST_CELL])).chars(SHOWN)
