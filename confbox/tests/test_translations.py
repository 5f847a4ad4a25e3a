"""Every text is collected, and translated into every language, with the same placeholders."""

import datetime as dt
import os
import re
import shutil
import subprocess
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import formats, translation

from confbox.settings import BASE_DIR

TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
CATALOGUES = sorted((BASE_DIR / "locale").rglob("*.po"))
MARK = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}|</?\w+[^>]*>")


def catalogue(language, root=BASE_DIR):
    return polib.pofile(str(root / f"locale/{language}/LC_MESSAGES/django.po"))


def key(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """A copy of the sources with freshly collected texts."""
    copy = tmp_path_factory.mktemp("sources") / "sources"
    unwanted = shutil.ignore_patterns(".*", "var", "static", "__pycache__", "vendor")
    shutil.copytree(BASE_DIR, copy, ignore=unwanted)
    (copy / ".venv").symlink_to(BASE_DIR / ".venv")
    environment = os.environ | {"ENV_FILE": os.devnull, "DEBUG": "true"}
    subprocess.run([copy / "deploy/messages"], env=environment, check=True, capture_output=True)
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_every_text_and_no_other(collected, language):
    now = {key(entry) for entry in catalogue(language, collected)}
    kept = {key(entry) for entry in catalogue(language)}
    assert (sorted(map(str, now - kept)), sorted(map(str, kept - now))) == ([], [])


# Slow because `make check` must pass for a developer who does not speak every language.
@pytest.mark.slow
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_every_text_is_translated(path):
    assert [e.msgid for e in polib.pofile(str(path)) if not e.translated()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_no_translation_is_a_guess_or_left_over(path):
    po = polib.pofile(str(path))
    assert ([e.msgid for e in po if e.fuzzy or e.obsolete], bool(po.metadata_is_fuzzy)) == ([], False)


@pytest.mark.slow
def test_a_changed_text_starts_without_a_translation(tmp_path, monkeypatch, settings):
    old = tmp_path / "locale/de/LC_MESSAGES/django.po"
    old.parent.mkdir(parents=True)
    po = polib.POFile()
    po.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": "de"}
    po.append(polib.POEntry(msgid="Voting closes in an hour.", msgstr="In einer Stunde."))
    po.save(str(old))
    (tmp_path / "page.html").write_text('{% translate "Voting closes in an hour from now." %}')
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["de"], verbosity=0)
    new = polib.pofile(str(old)).find("Voting closes in an hour from now.")
    assert (new.msgstr, new.fuzzy) == ("", False)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_every_translation_keeps_the_placeholders_and_tags(path):
    assert [e.msgid for e in polib.pofile(str(path)).translated_entries() if not _keeps_marks(e)] == []


def _keeps_marks(entry):
    if not entry.msgid_plural:
        return marks(entry.msgstr) == marks(entry.msgid)
    one, *others = (text for _n, text in sorted(entry.msgstr_plural.items()))
    # "One vote" may contain the number in words or not, whatever the English does.
    return set(marks(one)) <= set(marks(entry.msgid_plural)) and all(
        marks(other) == marks(entry.msgid_plural) for other in others
    )


def marks(text):
    return sorted(MARK.findall(text))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_the_compiled_catalogue_says_what_the_readable_one_says(path):
    def texts(entries):
        return {key(entry): entry.msgstr or entry.msgstr_plural for entry in entries}

    readable = polib.pofile(str(path)).translated_entries()
    assert texts(polib.mofile(str(path.with_suffix(".mo")))) == texts(readable)


def test_there_is_a_catalogue_for_every_language_of_the_site():
    ours = {path.parts[-3] for path in CATALOGUES if "libraries" not in path.parts}
    of_libraries = {path.parts[-3] for path in CATALOGUES} - ours
    assert (ours, of_libraries) == (set(TRANSLATED), {settings.LANGUAGE_CODE})
    assert Path(BASE_DIR / "locale/de/LC_MESSAGES/django.mo").exists()


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "5 November 2026, 22:57"), ("hi", "5 नवंबर 2026, 22:57")]
)
def test_times_begin_with_the_day_in_every_language(language, shown):
    with translation.override(language):
        assert (
            formats.date_format(dt.datetime(2026, 11, 5, 22, 57, tzinfo=dt.UTC), "DATETIME_FORMAT") == shown
        )
