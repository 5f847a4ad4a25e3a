"""`make dev`: web server and worker with reloading, and whatever ends make ends all of it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from django.conf import settings

from confbox.tests.databases import copy_migrated
from confbox.tests.test_demo import free_port, processes_with, read_until

OWN = {"ENV_FILE": os.devnull, "DATABASE_URL": "", "SECRET_KEY": "", "EMAIL_URL": "", "DEBUG": ""}


def with_default_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def make(tmp_path, port):
    """Make with the recipe of `make dev`, except for installing packages."""
    recipe = (settings.BASE_DIR / "Makefile").read_text().partition("\ndev:")[2].partition("\n\n")[0]
    served = [line for line in recipe.splitlines() if "deploy/demo.py" in line]
    makefile = tmp_path / "Makefile"
    makefile.write_text("dev:\n" + "\n".join(served) + "\n")
    copy_migrated(tmp_path / "var")
    process = subprocess.Popen(
        ["make", "-C", settings.BASE_DIR, "-f", makefile, f"python={sys.executable}", f"PORT={port}"],
        env=os.environ | OWN | {"VAR_DIR": str(tmp_path / "var")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=with_default_signals,  # noqa: PLW1509  # no threads here
    )
    read_until(process, "Ctrl-C stops it")
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    assert wait_for(lambda: processes_with(tmp_path / "var") == [])


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make"),
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_make_that_ends_takes_web_server_and_worker_along(make, tmp_path, number):
    assert len(processes_with(tmp_path / "var")) >= 5
    make.send_signal(number)
    assert wait_for(lambda: processes_with(tmp_path / "var") == [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name)
def test_ctrl_c_and_a_closed_terminal_end_web_server_and_worker(make, tmp_path, number):
    os.killpg(make.pid, number)
    assert wait_for(lambda: processes_with(tmp_path / "var") == [])


def test_code_of_a_sign_up_arrives(make, port):
    site = f"http://127.0.0.1:{port}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{site}/accounts/signup/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    fields = {"csrfmiddlewaretoken": token, "email": "nina@example.org", "name": "Nina"}
    fields |= {"password1": "a kettle of tea", "time_zone": "UTC"}
    assert browser.open(f"{site}/accounts/signup/", urllib.parse.urlencode(fields).encode()).status == 200
    assert wait_for(lambda: b"nina@example.org" in browser.open(f"{site}/mailbox/").read())


def test_worker_starts_again_after_a_change(make, tmp_path):
    worker = re.compile(rb"manage.py\0work\0")

    def workers():
        pids = processes_with(tmp_path / "var")
        return {pid for pid in pids if worker.search(command_of(pid))}

    before = workers()
    new = settings.BASE_DIR / "confbox/tests/made_by_a_test.py"
    try:
        new.write_text("")
        assert wait_for(lambda: workers() and workers().isdisjoint(before))
    finally:
        new.unlink()


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
