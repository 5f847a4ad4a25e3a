"""How an email address is checked, stored and compared."""

import re
import unicodedata
from typing import Any

import idna
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from confbox.kit.validators import FILLERS, JOINERS_AND_MARKS

# Line breaks and other controls, in whose place a space remains.
BREAKS = {"Cc", "Zl", "Zp"}
VARIATION_SELECTORS = frozenset(chr(code) for code in range(0xFE00, 0xFE10))
MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
# What stands around an address in a list and never at its ends.
AROUND = " .,;:<>()[]'\"`“”„‘’«»"


def ascii_domain(domain: str) -> str:
    """The domain in lower case and in its ASCII form, by IDNA 2008.

    That keeps straße apart from strasse, and a dotless i from the letter it imitates. A domain without an
    ASCII form is returned in lower case only.
    """
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        return domain.lower()


def validate_email_address(address: str) -> None:
    """Refuses a domain that cannot exist in the DNS, and letters that only look like ASCII.

    Django accepts the Kelvin sign before the @, which in lower case is the letter k.
    """
    local, _at, domain = address.rpartition("@")
    if not ascii_domain(domain).isascii():
        raise ValidationError(_("The part after the @ is not a domain that receives email."))
    if not local.isascii():
        raise ValidationError(_("Before the @, use only letters from a to z, digits and symbols."))


def normalise_email(address: str) -> str:
    """The normalised spelling in which an email address is stored: lower case, with the domain in ASCII.

    An email address whose domain has no ASCII form is returned in lower case only, for
    `validate_email_address` to refuse.
    """
    local, at, domain = address.strip().replace("\uff20", "@").rpartition("@")
    return unicodedata.normalize("NFC", local).lower() + at + ascii_domain(domain)


def without_invisible_characters(text: str) -> str:
    """On one line, without invisible characters: controls, fillers, marks that reorder text.

    Joiners between letters stay, as several scripts need them.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (" " if unicodedata.category(c) in BREAKS else c for c in text if not _is_invisible(c))
    return " ".join("".join(kept).split())


def _is_invisible(character: str) -> bool:
    if character in FILLERS or character in VARIATION_SELECTORS:
        return True
    category = unicodedata.category(character)
    return category == "Cs" or (category == "Cf" and character not in JOINERS_AND_MARKS)


def clean_email_address(text: str) -> str:
    """An email address as a person would have typed it: NFKC, without invisible characters and spaces.

    What was pasted from a web page or a letter brings soft hyphens, letters in full width and `mailto:`.
    """
    plain = unicodedata.normalize("NFKC", without_invisible_characters(text))
    plain = "".join(c for c in plain if c not in JOINERS_AND_MARKS and not c.isspace())
    return MAILTO.sub("", plain).strip(AROUND)


# Of people who are invented for a rehearsal. No mail server has a name below `.invalid` (RFC 2606).
INVENTED_DOMAIN = "rehearsal.invalid"
ENDS_INVENTED = f"@{INVENTED_DOMAIN}"
# All of them begin so, for an index finds the beginning of an address and not its domain.
STARTS_INVENTED = "rehearsal-"


def is_invented(email: str) -> bool:
    """Whether no email can reach it, because it was made up."""
    return email.endswith(ENDS_INVENTED)


class EmailAddressField(models.EmailField[Any, Any]):
    """An email address, compared byte by byte on every database."""

    default_validators = [*models.EmailField.default_validators, validate_email_address]

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalise_email(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))
