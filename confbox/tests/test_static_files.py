"""In production a page loads one style sheet."""

import gzip
import os
import re
import subprocess
import sys

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


@pytest.fixture(scope="module")
def collect(tmp_path_factory):
    """Collects into a folder, as a release of a name does."""
    folder = tmp_path_factory.mktemp("static")
    known = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "STATIC_ROOT": str(folder)}
    # No database is asked: on a host with nginx alone, there is none.
    known |= {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "x.org", "VAR_DIR": str(folder.parent)}
    known |= {"DATABASE_URL": "mysql://none:none@127.0.0.1:1/none", "EMAIL_URL": "smtp://localhost"}

    def run():
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=settings.BASE_DIR, env=known, check=True)
        return folder

    run()
    return run


def files_in(folder):
    """All but the list of names, which each release writes: their times, and which file it is on the disk."""
    found = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".json"]
    return {file: (file.stat().st_mtime_ns, file.stat().st_ctime_ns, file.stat().st_ino) for file in found}


@pytest.mark.slow
def test_files_that_are_there_are_not_written_again(collect):
    folder = collect()
    before = files_in(folder)
    assert {".css", ".js", ".br", ".gz"} <= {file.suffix for file in before}
    collect()
    assert files_in(folder) == before


@pytest.mark.slow
def test_a_file_that_is_unfinished_is_written_again(collect):
    folder = collect()
    sheet = next(folder.glob("css/site.*.css"))
    whole = sheet.read_bytes()
    sheet.write_bytes(whole[:1000])
    collect()
    assert sheet.read_bytes() == whole
    assert gzip.decompress(sheet.with_name(f"{sheet.name}.gz").read_bytes()) == whole


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
