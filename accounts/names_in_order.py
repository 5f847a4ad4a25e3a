"""How an index leads to people by name, for the lists and searches of very many."""

from typing import Any

from django.db import models

from confbox.kit.sorting import AlphabeticalField

SEARCHED = "sort_name", "from_last_word", "from_second_last_word", "profession"
INDEXES = [models.Index(fields=[column], name=f"user_{column}") for column in SEARCHED]


def in_order(text: Any) -> models.GeneratedField:
    """A column that the database itself fills, whatever stores the row."""
    column = AlphabeticalField(max_length=150)
    return models.GeneratedField(expression=text, output_field=column, db_persist=False)
