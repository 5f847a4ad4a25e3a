"""The code of the previous release, and its tests, with the tables of this one.

    .venv/bin/python deploy/drills/previous_release.py [--release TAG] [--control] [TEST ...]

During an upgrade, and after one that fails, the previous release runs with tables that this one has migrated.
Its tests run with a copy of them, on SQLite, or on MariaDB through `deploy/with-mariadb`: those that are
named, or else all that need a database and take less than a second. TAG is the newest tag before this commit
unless given. The control removes a column that the previous release writes: tests have to fail.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from site_under_test import ROOT

PYTHON = str(ROOT / ".venv/bin/python")
MARKS = "(database or any_database) and not browser and not slow"
# Each vote from a ballot has one.
REMOVES = "ALTER TABLE voting_vote DROP COLUMN nonce"


def run(*command: str, **variables: str) -> int:
    folder = variables.pop("folder", str(ROOT))
    return subprocess.run(command, cwd=folder, env=os.environ | variables, check=False).returncode


def must(*command: str, **variables: str) -> None:
    if run(*command, **variables):
        sys.exit(f"FAILED: {' '.join(command)}")


def code_of(release: str, folder: Path) -> Path:
    """With the libraries of this one."""
    code = folder / "code"
    code.mkdir()
    archive = subprocess.run(["git", "archive", release], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", code], input=archive.stdout, check=True)
    (code / ".venv").symlink_to((ROOT / ".venv").resolve())
    return code


def migrate_sqlite(folder: Path, control: bool) -> dict[str, str]:
    file = folder / "migrated.sqlite3"
    must(PYTHON, "manage.py", "migrate", "--verbosity", "0", DATABASE_URL=f"sqlite:///{file}")
    if control:
        with closing(sqlite3.connect(file)) as database:
            database.execute(REMOVES)
    return {"MIGRATED_SQLITE": str(file)}


def migrate_mariadb(control: bool) -> dict[str, str]:
    """The databases of two processes with tests."""
    must(PYTHON, "manage.py", "migrate", "--verbosity", "0")
    client = ["--no-defaults", f"--socket={os.environ['MARIADB_SOCKET']}", "--user=root"]
    if control:
        must("mariadb", *client, "confbox", "-e", REMOVES)
    dump = subprocess.run(["mariadb-dump", *client, "confbox"], check=True, stdout=subprocess.PIPE).stdout
    for name in ("test_confbox_gw0", "test_confbox_gw1"):
        must("mariadb", *client, "-e", f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}")
        subprocess.run(["mariadb", *client, name], input=dump, check=True)
    return {}


def newest_tag() -> str:
    """Before this commit. There is none before the first release."""
    tag = asked_of_git("describe", "--tags", "--abbrev=0", "HEAD^")
    if not tag and (first := asked_of_git("tag", "--points-at", "HEAD")):
        print(f"ok: {first} is the first release")
        sys.exit()
    return tag or sys.exit("There is no tag before this commit: name the release with --release.")


def asked_of_git(*asks: str) -> str:
    asked = subprocess.run(["git", *asks], cwd=ROOT, check=False, capture_output=True, text=True)
    return asked.stdout.strip()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--release", default="")
    options.add_argument("--control", action="store_true")
    options.add_argument("tests", nargs="*")
    chosen = options.parse_args()
    release = chosen.release or newest_tag()
    on_mariadb = "mysql" in os.environ.get("DATABASE_URL", "")
    os.environ |= {"DEBUG": "true", "HTTPS": "false", "ENV_FILE": os.devnull}
    with tempfile.TemporaryDirectory(prefix="previous.") as name:
        folder = Path(name)
        os.environ["VAR_DIR"] = name
        code = code_of(release, folder)
        made = migrate_mariadb(chosen.control) if on_mariadb else migrate_sqlite(folder, chosen.control)
        marks = f"{MARKS} and not on_sqlite" if on_mariadb else f"{MARKS} and not any_database"
        pytest = [PYTHON, "-m", "pytest", "-q", "-n", "2", "--reuse-db", "-p", "no:cacheprovider"]
        failed = run(*pytest, "-m", marks, *chosen.tests, folder=str(code), **made)
    # Others are of tests that did not run.
    if failed not in (0, 1) or bool(failed) != chosen.control:
        sys.exit(f"FAILED: the tests of {release} ended with {failed}")
    print(f"ok: the tests of {release} {'fail without the column' if failed else 'pass with the new tables'}")


if __name__ == "__main__":
    main()
