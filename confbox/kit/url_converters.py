import re

from django.urls import register_converter
from django.urls.converters import IntConverter


class RowNumber(IntConverter):
    """The ID of a row: ASCII digits, at most as many as every database's BIGINT can store."""

    regex = "[0-9]{1,18}"


def is_row_number(text: str) -> bool:
    """The same of a text that is not part of a URL."""
    return re.fullmatch(RowNumber.regex, text) is not None


register_converter(RowNumber, "row")
