"""What the documentation refers to exists: files, folders, tests and make commands."""

import re
import shutil
import subprocess

import pytest
from django.conf import settings

from confbox.tests.offenders import offenders
from confbox.tests.test_architecture import APPS

ROOT = settings.BASE_DIR
DOCS = sorted(
    [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "deploy/README.md"]
)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
CODE = re.compile(r"`([^`\n]+)`")
TOP = {path.name for path in ROOT.iterdir()} - {"var"}
TEST_FILE = re.compile(r"\btest_\w+\.py\b")


def links_of(doc):
    return [(target, doc.parent / target) for target in LINK.findall(doc.read_text())]


def paths_of(doc):
    """Code spans that begin with a folder of the project. `*` and `{a,b}` match several files."""
    for code in CODE.findall(doc.read_text()):
        for word in (piece.strip(".,;()") for piece in re.split(r"[\s=:]+", code)):
            if "/" in word and word.split("/")[0] in TOP and not set("<>$@") & set(word):
                yield word


def exists(word):
    return any(ROOT.glob(word.rstrip("/"))) if re.search(r"[*?\[]", word) else (ROOT / word).exists()


def test_every_link_leads_to_a_file():
    found = offenders(lambda doc: [target for target, path in links_of(doc) if not path.exists()], DOCS)
    assert found == {}


def test_every_path_is_there():
    assert offenders(lambda doc: [word for word in paths_of(doc) if not exists(word)], DOCS) == {}


def test_every_test_file_is_there():
    there = {path.name for app in APPS for path in (ROOT / app).rglob("test_*.py")}
    assert offenders(lambda doc: sorted(set(TEST_FILE.findall(doc.read_text())) - there), DOCS) == {}


def commands_in(doc):
    return set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(CODE.findall(doc.read_text()))))


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_knows_every_command():
    listed = subprocess.run(["make", "-C", ROOT, "help"], check=True, capture_output=True, text=True).stdout
    known = set(re.findall(r"^make (\w+)", listed, re.MULTILINE))
    assert offenders(lambda doc: sorted(commands_in(doc) - known), DOCS) == {}


def test_missing_path_is_found(tmp_path):
    doc = tmp_path / "x.md"
    doc.write_text(
        "See `voting/nowhere.py`, `voting/models.py`, `/voting/`, `docs/*.md` and [this](nothing.md)."
    )
    assert [word for word in paths_of(doc) if not exists(word)] == ["voting/nowhere.py"]
    assert [target for target, path in links_of(doc) if not path.exists()] == ["nothing.md"]
