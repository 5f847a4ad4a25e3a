from django.urls import register_converter
from django.urls.converters import IntConverter


class RowNumber(IntConverter):
    """A row's number: ASCII digits, at most as many as every database's BIGINT can hold."""

    regex = "[0-9]{1,18}"


register_converter(RowNumber, "row")
