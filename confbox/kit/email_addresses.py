"""How an email address is checked, stored and compared."""

import unicodedata
from typing import Any

import idna
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def ascii_domain(domain: str) -> str:
    """The domain in lower case and in the form that the DNS knows, by IDNA 2008.

    That keeps straße apart from strasse and a dotless i from the letter it imitates. A domain that has
    no such form comes back in lower case only.
    """
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        return domain.lower()


def validate_email_address(address: str) -> None:
    """Refuses an address with a domain that the DNS cannot know, and letters that only look like ASCII.

    Django takes the sign for Kelvin before the @, which in lower case is the letter k.
    """
    local, _at, domain = address.rpartition("@")
    if not ascii_domain(domain).isascii():
        raise ValidationError(_("The part after the @ is not a domain that receives email."))
    if not local.isascii():
        raise ValidationError(_("Before the @, use only letters from a to z, digits and symbols."))


def normalise_email(address: str) -> str:
    """The one spelling under which an address is stored: lower case, domain in its ASCII form.

    An address whose domain has no such form comes back in lower case only, for `validate_email_address`
    to refuse.
    """
    local, at, domain = address.strip().replace("\uff20", "@").rpartition("@")
    return unicodedata.normalize("NFC", local).lower() + at + ascii_domain(domain)


class EmailAddressField(models.EmailField[Any, Any]):
    """An e-mail address, compared byte by byte on every database."""

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
