"""A backup contains everything, restores into an empty database, and never replaces a full one."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.slow

NAME = "Анна 🎤 O'Neill"


def run(*command, url, folder):
    known = {"PATH": os.environ["PATH"], "DEBUG": "true", "ENV_FILE": os.devnull, "VAR_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=settings.BASE_DIR,
        env=known | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def names(tmp_path):
    if connection.vendor == "sqlite":
        return [str(tmp_path / f"{name}.sqlite3") for name in ("full", "empty")]
    return [f"{connection.settings_dict['NAME']}_{name}" for name in ("full", "empty")]


@pytest.fixture
def urls(names, django_db_setup, django_db_blocker):
    """Two databases of the kind under test: the first has a table with a name in it, the second nothing."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(names[0])) as full, full:
            full.execute("CREATE TABLE person (name TEXT)")
            full.execute("INSERT INTO person VALUES (?)", [NAME])
        yield [f"sqlite:///{name}" for name in names]
        return
    socket = connection.settings_dict["OPTIONS"]["unix_socket"]
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"CREATE TABLE {names[0]}.person (name TEXT)")
        cursor.execute(f"INSERT INTO {names[0]}.person VALUES (%s)", [NAME])
        yield [f"mysql://root@/{name}?unix_socket={socket}" for name in names]
        for name in names:
            cursor.execute(f"DROP DATABASE {name}")


def people(name):
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(name)) as database:
            return database.execute("SELECT name FROM person").fetchall()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM {name}.person")
        return list(cursor.fetchall())


def test_backup_restores_what_was_there(urls, names, tmp_path):
    done = run("deploy/backup.py", str(tmp_path / "backups"), url=urls[0], folder=tmp_path)
    file = done.stdout.strip()
    assert Path(file).stat().st_mode & 0o777 == 0o600, done.stderr
    restored = run("deploy/restore.py", file, url=urls[1], folder=tmp_path)
    assert restored.returncode == 0, restored.stderr
    assert people(names[1]) == [(NAME,)]


def test_restore_refuses_a_database_with_tables(urls, tmp_path):
    file = run("deploy/backup.py", str(tmp_path / "backups"), url=urls[0], folder=tmp_path).stdout.strip()
    done = run("deploy/restore.py", file, url=urls[0], folder=tmp_path)
    assert done.returncode == 1
    assert "has tables. Make a new, empty one" in done.stderr


def test_old_backups_are_removed_and_others_kept(urls, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    old, other = folder / "conferencebox-20200101T000000Z.sql.gz", folder / "notes.txt"
    for file in (old, other):
        file.touch()
        os.utime(file, (time.time() - 15 * 86400,) * 2)
    done = run("deploy/backup.py", str(folder), url=urls[0], folder=tmp_path)
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [done.stdout.strip().rpartition("/")[2], "notes.txt"]
    )


def test_failed_dump_leaves_no_file(tmp_path):
    url = "mysql://nobody@127.0.0.1:1/none"
    done = run("deploy/backup.py", str(tmp_path / "backups"), url=url, folder=tmp_path)
    assert done.returncode == 1
    assert list((tmp_path / "backups").iterdir()) == []
