"""Dates as each language writes them."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override

from conferences.local_times import days_of, in_zone
from conferences.models import Conference

FIRST, SECOND = datetime(2027, 5, 1, 8, tzinfo=UTC), datetime(2027, 5, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("fr", "1er mai 2027", "2 mai 2027"),
        ("en", "1 May 2027", "2 May 2027"),
        ("de", "1. Mai 2027", "2. Mai 2027"),
    ],
)
def test_day_is_written_as_the_language_does(language, first, second):
    with override(language):
        assert in_zone(Conference(), FIRST).startswith(first)
        assert in_zone(Conference(), SECOND).startswith(second)


@pytest.mark.parametrize(
    ("ends_at", "words"),
    [
        (FIRST, "1er mai 2027"),
        (SECOND, "1er–2 mai 2027"),
        (datetime(2027, 6, 1, tzinfo=UTC), "1er mai–1er juin 2027"),
        (datetime(2028, 1, 1, tzinfo=UTC), "1er mai 2027–1er janvier 2028"),
    ],
)
def test_days_of_a_conference_are_written_in_french(ends_at, words):
    with override("fr"):
        assert days_of(Conference(starts_at=FIRST, ends_at=ends_at)) == words


def test_dates_of_templates_are_written_in_french():
    with override("fr"):
        page = Template('{% load site %}{{ day|format_date:"DATE_FORMAT" }}').render(Context({"day": FIRST}))
    assert page == "1er mai 2027"
