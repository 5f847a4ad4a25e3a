from django.urls import register_converter
from django.urls.converters import IntConverter


class RowNumber(IntConverter):
    """The ID of a row: ASCII digits, at most as many as every database's BIGINT can store."""

    regex = "[0-9]{1,18}"


register_converter(RowNumber, "row")
