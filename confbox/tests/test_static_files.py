"""In production a page waits for one stylesheet."""

import re

import pytest
from django.conf import settings

from confbox.static_files import SITE_SHEETS, one_sheet

STATIC = settings.BASE_DIR / "static"


@pytest.mark.parametrize("name", SITE_SHEETS)
def test_the_sheets_of_the_site_become_one(name):
    whole = one_sheet(STATIC / name)
    assert "@import" not in whole
    assert [
        piece for piece in ("--bs-blue", "--cb-berry", ".site-header", ".vote-button") if piece not in whole
    ] == []


@pytest.mark.parametrize("name", SITE_SHEETS)
def test_the_one_sheet_names_no_file_that_lies_elsewhere_now(name):
    named = re.findall(r"url\(\"?'?([^\"')]{0,12})", one_sheet(STATIC / name))
    assert {start[:5] for start in named} <= {"data:"}


def test_both_directions_have_the_same_sheets():
    ltr, rtl = ((STATIC / name).read_text().splitlines()[2:] for name in SITE_SHEETS)
    assert ltr == rtl
