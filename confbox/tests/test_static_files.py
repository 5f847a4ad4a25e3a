"""In production a page loads one style sheet."""

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


# Colours by their value, and the two that have a name and are used as colours.
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|lab)\(|:\s*(?:white|black)\b", re.IGNORECASE
)


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda path: path.name)
def test_colours_are_only_in_the_tokens_and_on_paper(path):
    if path.name in ("tokens.css", "print.css"):
        assert COLOUR.search(path.read_text())
    else:
        assert COLOUR.findall(path.read_text()) == []


def test_the_guide_to_theming_names_every_file_with_colours():
    css = [
        STATIC / "css/tokens.css",
        STATIC / "css/print.css",
        settings.BASE_DIR / "templates/email/email.css",
    ]
    coloured = [path for path in (STATIC / "img").glob("*.svg") if COLOUR.search(path.read_text())]
    guide = (settings.BASE_DIR / "docs/theming.md").read_text()
    assert [path.name for path in (*css, *coloured) if path.name not in guide] == []


def test_no_drawing_names_the_site():
    assert [path.name for path in (STATIC / "img").glob("*.svg") if "ConferenceBox" in path.read_text()] == []
