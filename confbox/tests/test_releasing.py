"""The recipe of docs/releasing.md, in a small repository."""

import os
import re
import shutil
import subprocess

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
RECIPE = (ROOT / "docs/releasing.md").read_text()
RELEASE, AFTER = re.findall(r"^```sh\n(.*?)^```", RECIPE, re.MULTILINE | re.DOTALL)
FILES = ["pyproject.toml", "CHANGELOG.md", "deploy/released.txt", "deploy/debian/build"]
# What a package would be called by the script that builds it.
VERSION = 'eval "$(sed -n "/^version_of_commit() {/,/^}/p" deploy/debian/build)"; version_of_commit'
DATE = r"\d{4}-\d\d-\d\d"
# They build, push, and write what test_expanding_migrations.py compares.
ELSEWHERE = ("make ", "git push", "WRITE_RELEASED=1 ")


def version_of(text):
    return re.search(r'^version = "(.*)"$', text, re.MULTILINE)[1]


def top_of(changelog):
    return re.search(r"^## (.*)$", changelog, re.MULTILINE)[1]


class Repository:
    def __init__(self, folder):
        self.folder = folder
        for name in FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        self.run("git init -q -b main; git add -A; git commit -q -m Begin")

    def run(self, commands):
        lines = [line for line in commands.splitlines() if not line.startswith(ELSEWHERE)]
        script = "\n".join(["set -eu", *lines])
        person = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        known = {"cwd": self.folder, "env": os.environ | person, "capture_output": True, "text": True}
        return subprocess.run(["bash", "-c", script], check=True, **known).stdout.strip()

    def version(self):
        return version_of(self.read("pyproject.toml"))

    def read(self, name):
        return (self.folder / name).read_text()


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_changelog_begins_with_the_version_that_is_built():
    version = version_of((ROOT / "pyproject.toml").read_text())
    top = top_of((ROOT / "CHANGELOG.md").read_text())
    assert re.fullmatch(rf"{re.escape(version)} \((unreleased|{DATE})\)", top)


def test_package_of_the_tagged_commit_has_the_number_of_the_release(repository):
    version = repository.version()
    assert repository.run(VERSION).startswith(f"{version}~")
    repository.run(RELEASE)
    assert repository.run(VERSION) == version
    assert re.fullmatch(rf"{re.escape(version)} \({DATE}\)", top_of(repository.read("CHANGELOG.md")))


@pytest.mark.skipif(not shutil.which("dpkg"), reason="dpkg is missing")
def test_next_package_is_later_than_the_release_and_earlier_than_the_next_one(repository):
    released = repository.version()
    repository.run(RELEASE + AFTER)
    later, following = repository.run(VERSION), repository.version()
    for order in ((released, "lt", later), (later, "lt", following)):
        subprocess.run(["dpkg", "--compare-versions", *order], check=True)


def test_changelog_then_has_a_section_for_the_next_release_and_nothing_is_left(repository):
    released = repository.version()
    repository.run(RELEASE + AFTER)
    assert top_of(repository.read("CHANGELOG.md")) == f"{repository.version()} (unreleased)"
    assert f"\n## {released} (" in repository.read("CHANGELOG.md")
    assert repository.run("git status --porcelain") == ""
