"""Mailboxes and domains of stored email addresses, as the database finds them, and IDs of a group of rows."""

from typing import Any

from django.db.models import Aggregate, CharField, Func

from confbox.kit.mailbox_digests import GOOGLE, mailbox_of

# The SQL of `mailbox_of`, without what every stored address already is: normalised.
DOMAIN = "SUBSTRING_INDEX({0}, '@', -1)"
UNQUOTED = f"REPLACE(SUBSTRING({{0}}, 2, CHAR_LENGTH({{0}}) - CHAR_LENGTH({DOMAIN}) - 3), '\\\\', '')"
LOCAL = f"CASE WHEN LEFT({{0}}, 1) = '\"' THEN {UNQUOTED} ELSE SUBSTRING_INDEX({{0}}, '@', 1) END"
WITHOUT_TAG = f"CONCAT(LEFT({LOCAL}, 1), SUBSTRING_INDEX(SUBSTRING({LOCAL}, 2), '+', 1))"
WITHOUT_DOTS = f"COALESCE(NULLIF(REPLACE({WITHOUT_TAG}, '.', ''), ''), {WITHOUT_TAG})"
IS_GOOGLE = f"{DOMAIN} IN ({', '.join(repr(domain) for domain in sorted(GOOGLE))})"
MAILBOX = f"CASE WHEN {IS_GOOGLE} THEN CONCAT({WITHOUT_DOTS}, '@gmail.com') "
MAILBOX += f"ELSE CONCAT({WITHOUT_TAG}, '@', {DOMAIN}) END"


class DomainOf(Func):
    """What comes after the last @."""

    arity = 1
    function = "EMAIL_DOMAIN"
    output_field = CharField()

    def as_mysql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template=DOMAIN.format("%(expressions)s"))


class MailboxOf(Func):
    """As `mailbox_of`."""

    arity = 1
    function = "MAILBOX"
    output_field = CharField()

    def as_mysql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template=MAILBOX.format("%(expressions)s"))


class SomeIds(Aggregate):
    """The IDs of a group, with commas between them; the database may cut off the end of a long text."""

    function = "GROUP_CONCAT"
    output_field = CharField()


def add_to_sqlite(connection: Any, **_more: Any) -> None:
    if connection.vendor == "sqlite":
        add = connection.connection.create_function
        add("EMAIL_DOMAIN", 1, lambda address: address.rpartition("@")[2], deterministic=True)
        add("MAILBOX", 1, mailbox_of, deterministic=True)
