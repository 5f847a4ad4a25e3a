"""`make run`: the demo starts on a data folder of its own, and leaves nothing behind."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from confbox.kit.tests.ports import free_port
from confbox.tests.databases import copy_migrated

pytestmark = pytest.mark.slow

DEMO = [sys.executable, str(settings.BASE_DIR / "deploy/demo.py")]
TRAP = {"DATABASE_URL": "mysql://nobody@127.0.0.1:1/real", "DEBUG": "true", "HTTPS": "true", "EMAIL_URL": "x"}


def start(folder, port):
    environment = os.environ | TRAP | {"VAR_DIR": str(folder)}
    return subprocess.Popen(
        [*DEMO, str(port)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def read_until(demo, words):
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    pytest.fail("".join(lines))


def processes_with(folder):
    """Processes whose environment names the folder: the demo and all that it started."""
    wanted, found = f"VAR_DIR={folder}".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            found += [entry.name] if wanted in (entry / "environ").read_bytes().split(b"\0") else []
        except OSError:
            continue
    return found


@pytest.fixture
def demo(tmp_path):
    copy_migrated(tmp_path)
    port = free_port()
    process = start(tmp_path, port)
    yield process, port
    process.kill()
    process.wait()
    process.stdout.close()


def test_demo_serves_and_ends_with_all_it_started(demo, tmp_path):
    process, port = demo
    read_until(process, "Ctrl-C")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        assert answer.read() == b"ready\n"
    assert len(processes_with(tmp_path)) >= 5
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert processes_with(tmp_path) == []


def test_demo_that_is_killed_takes_its_processes_along(demo, tmp_path):
    process, _ = demo
    read_until(process, "Ctrl-C")
    process.kill()
    deadline = time.monotonic() + 20
    while processes_with(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert processes_with(tmp_path) == []


def test_demo_in_the_background_of_a_script_ends_at_sigint(tmp_path):
    """A shell without job control starts it with SIGINT ignored."""
    port, environment = free_port(), os.environ | TRAP | {"VAR_DIR": str(tmp_path)}
    demo = subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *DEMO, str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        read_until(demo, "Preparing")
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
    finally:
        demo.kill()
        demo.wait()
        demo.stdout.close()


def test_a_database_of_an_older_version_makes_room_for_a_new_one(tmp_path):
    old = tmp_path / "confbox.sqlite3"
    with contextlib.closing(sqlite3.connect(old)) as database, database:
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app, name, applied)")
        database.execute("INSERT INTO django_migrations VALUES (1, 'voting', '0007_long_ago', '2026-01-01')")
    port = free_port()
    demo = start(tmp_path, port)
    try:
        assert "is of an older version" in read_until(demo, "Ctrl-C")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.read() == b"ready\n"
    finally:
        demo.kill()
        demo.wait()
        demo.stdout.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "confbox.sqlite3.old")) as database:
        assert database.execute("SELECT name FROM django_migrations").fetchall() == [("0007_long_ago",)]


def test_secret_key_is_kept_and_no_one_else_may_read_it(demo, tmp_path):
    read_until(demo[0], "Preparing")
    file = tmp_path / "secret_key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text()) >= 50


@pytest.mark.parametrize("text", ["0", "65536", "x", "-1", "８０００", ""])
def test_port_that_is_none_gets_one_sentence(text):
    done = subprocess.run([*DEMO, text], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"PORT must be a number from 1 to 65535, and it is {text!r}.\n"


def test_port_in_use_gets_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([*DEMO, str(port)], check=False, capture_output=True, text=True)
    assert done.stderr == f"Port {port} is in use: choose another, for example PORT={port + 1} make run.\n"
