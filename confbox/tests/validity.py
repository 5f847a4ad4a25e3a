"""The Nu HTML checker on every page. It needs Java, so only `make validate` runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from confbox.tests.pages import all_pages
from confbox.tests.states import set_states

# Attributes that only email programs need; rows of the admin's own menu with fewer cells than others.
KNOWN = ("attribute on the “t", "A table row was 2 columns wide")
CHECKER = ["java", "-Xss2m", "-jar", os.environ.get("VNU_JAR", ""), "--format", "json", "--exit-zero-always"]


@pytest.fixture
def documents(roles, settings, tmp_path):
    settings.EMAIL_FILE_PATH, settings.MEDIA_ROOT = str(tmp_path / "mail"), tmp_path / "media"
    folder = tmp_path / "pages"
    folder.mkdir()
    pages = {f"{number}.html": page for number, page in enumerate(all_pages(set_states()))}
    ours = {name: page for name, page in pages.items() if page.is_of_the_site}
    for name, page in ours.items():
        (folder / name).write_text(page.html)
    return folder, ours, len(pages) - len(ours)


def complaints_about(folder):
    done = subprocess.run(
        [*CHECKER, "--skip-non-html", str(folder)], check=False, capture_output=True, text=True
    )
    return [(Path(m.get("url", "")).name, m) for m in json.loads(done.stderr)["messages"]]


def is_known(page, message):
    is_warning = message.get("subType") == "warning"
    of_others = page.is_email or page.path.startswith("/admin/")
    return is_warning and of_others and any(words in message["message"] for words in KNOWN)


def test_the_checker_finds_nothing_on_our_pages(documents, capsys):
    folder, ours, others = documents
    faults = {}
    for name, message in complaints_about(folder):
        if not is_known(ours[name], message):
            where = f"{ours[name].name}: {message.get('extract', '')!r}"
            faults.setdefault(f"{message.get('subType', 'error')}: {message['message']}", []).append(where)
    with capsys.disabled():
        print(  # noqa: T201  # the figures of this check
            f"\n{len(ours)} pages and emails checked; {others} of Django's own admin were not"
        )
    lines = [f"{len(where)} times {words}\n    {where[0]}" for words, where in faults.items()]
    assert not lines, "\n" + "\n".join(lines)
