"""Names in the same alphabetical order on both databases.

MariaDB and MySQL have the Unicode order as a collation; SQLite, which compares bytes, gets a function whose
keys have that order.
"""

import unicodedata
from functools import lru_cache
from typing import Any

from django.db.models import CharField, Func, GeneratedField, Value

from confbox.kit.search import folded

COLLATION = "utf8mb4_unicode_520_ci"
PUNCTUATION = "`^_-,;:!?.'\"()[]{}@*/\\&#%+<=>|~$"
# Letters and marks of their own, in their order after another letter and all that begins with it.
FOLLOWERS = {"z": "þ", "n": "ŋ", "i": "ı", "t": "ŧ", "q": "ĸ", "-": "–—", "'": "‘’", '"': "“”", "?": "…"}
FOLLOWERS |= {"г": "ґғӻҕӷ", "д": "ђѓҙ", "ж": "җ", "з": "ѕӡ", "и": "іїйј", "к": "қӄҡҟҝ", "л": "ӆљ", "м": "ӎ"}
FOLLOWERS |= {"н": "ӊңӈҥњ", "о": "ө", "п": "ҧ", "с": "ҫ", "т": "ҭћќ", "у": "ўүұ", "х": "ӽӿҳһ", "ц": "ҵ"}
FOLLOWERS |= {"ч": "ҷӌҹҽҿџ", "а": "әӕ", "е": "є"}
AFTER = {letter: (base, n) for base, letters in FOLLOWERS.items() for n, letter in enumerate(letters, 1)}
OTHER_MARKS, AFTER_CYRILLIC, LAST, VOICED = "/", "\u052f", "\U0010ffff", "\u3099\u309a"
TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


class AlphabeticalField(CharField):  # type: ignore[type-arg]
    """A column that MariaDB and MySQL keep in that order, so that an index leads from name to name."""

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = COLLATION
        return parameters


def in_order(text: Any) -> GeneratedField:
    """Such a column with this text, which the database itself fills, whatever stores the row."""
    column = AlphabeticalField(max_length=150)
    return GeneratedField(expression=text, output_field=column, db_persist=False)


class LastWords(Func):
    """The text from one of its last words on, where a hyphen parts words; on SQLite, the whole text."""

    function = "SUBSTRING_INDEX"

    def __init__(self, text: Any, words: int, **options: Any) -> None:
        spaced = Func(text, Value("-"), Value(" "), function="REPLACE")
        super().__init__(spaced, Value(" "), Value(-words), output_field=CharField(), **options)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return compiler.compile(self.get_source_expressions()[0].get_source_expressions()[0])


class Alphabetical(Func):
    """`order_by(Alphabetical("name"), "pk")`: names that differ only in case and accents are equal."""

    arity = 1
    function = "SORT_KEY"

    def as_mysql(self, compiler: Any, connection: Any) -> Any:
        in_order = isinstance(getattr(self.source_expressions[0], "output_field", None), AlphabeticalField)
        template = "%(expressions)s" if in_order else f"%(expressions)s COLLATE {COLLATION}"
        return self.as_sql(compiler, connection, template=template)


def sort_key(text: str | None) -> str:
    return "".join(map(_weight, unicodedata.normalize("NFC", text or "")))


@lru_cache(20_000)
def _weight(character: str) -> str:
    lower = character.lower()
    if lower in AFTER:
        base, place = AFTER[lower]
        return _weight(base) + LAST + chr(place)
    if character.isspace():
        return "\x01"
    if character in PUNCTUATION:
        return chr(2 + PUNCTUATION.index(character))
    if not character.isalnum() and not unicodedata.category(character).startswith("M"):
        return OTHER_MARKS + character
    if "가" <= character <= "힣":
        return character
    if "\u10a0" <= character <= "\u10ff":
        return AFTER_CYRILLIC + character
    return folded(character).translate(TO_HIRAGANA).rstrip(VOICED)


def add_to_sqlite(connection: Any, **_more: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function("SORT_KEY", 1, sort_key, deterministic=True)
