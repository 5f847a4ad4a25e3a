"""gunicorn as conferencebox-heavy.service starts it, before a small application."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings

from confbox.tests.systemd import drain, notified

pytestmark = pytest.mark.slow
UNIT = (settings.BASE_DIR / "deploy/systemd/conferencebox-heavy.service").read_text()
OPTIONS = re.search(r"^ExecStart=.* -m gunicorn (.*)$", UNIT, re.MULTILINE)[1]
LOADS_SECONDS = 2.0


@pytest.fixture
def start():
    """Starts it with a bind of the unit's, in a folder of its own."""
    with TemporaryDirectory(dir="/tmp") as name:
        started = []

        def start(options=OPTIONS, **variables):
            options = options.replace("/run/conferencebox-heavy", name)
            command = [sys.executable, "-m", "gunicorn", *options.split()]
            command += ["confbox.tests.served_application:application"]
            known = os.environ | {"LOADS_FOR_SECONDS": str(LOADS_SECONDS)} | variables
            started.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env=known))
            return started[-1], Path(name) / "web.sock"

        yield start
        for process in started:
            if process.poll() is None:
                process.terminate()
            process.wait(20)


def wait_for(file, seconds=20):
    for _ in range(seconds * 50):
        if file.exists():
            return
        time.sleep(0.02)
    pytest.fail(f"{file} is missing")


def seconds_of_a_request(file, path="/"):
    began = time.monotonic()
    with closing(http.client.HTTPConnection("localhost", timeout=20)) as peer:
        peer.sock = socket.socket(socket.AF_UNIX)
        peer.sock.connect(str(file))
        peer.request("GET", path)
        assert peer.getresponse().status == 200
    return time.monotonic() - began


def test_who_can_connect_does_not_wait_for_the_application_to_be_loaded(start):
    _, file = start()
    wait_for(file)
    assert seconds_of_a_request(file) < LOADS_SECONDS / 2


def test_otherwise_they_would_wait(start):
    _, file = start(OPTIONS.replace(".unready", ""))
    wait_for(file)
    assert seconds_of_a_request(file) > LOADS_SECONDS / 2


def test_reload_leaves_the_name(start):
    process, file = start()
    wait_for(file)
    process.send_signal(signal.SIGHUP)
    time.sleep(LOADS_SECONDS * 2)
    assert seconds_of_a_request(file) < LOADS_SECONDS / 2


def test_socket_of_a_server_that_was_killed_is_replaced(start):
    process, file = start()
    wait_for(file)
    process.kill()
    process.wait(20)
    time.sleep(1)
    _, file = start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert seconds_of_a_request(file) < LOADS_SECONDS / 2
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("it does not answer")


def test_stop_as_of_the_unit_finishes_what_has_begun(start):
    process, file = start()
    wait_for(file)
    took = []
    asking = threading.Thread(target=lambda: took.append(seconds_of_a_request(file, "/slow?seconds=2")))
    asking.start()
    time.sleep(0.5)
    for command in re.findall(r"^ExecStop=(.*)$", UNIT, re.MULTILINE):
        subprocess.run(command.replace("/run/conferencebox-heavy", str(file.parent)).split(), check=True)
    process.terminate()
    assert process.wait(20) == 0
    asking.join()
    assert took[0] >= 2
    assert list(file.parent.iterdir()) == []


def test_watchdog_is_fed_while_the_worker_responds(start):
    with TemporaryDirectory(dir="/tmp") as name, notified(Path(name) / "notify") as hears:
        process, _ = start(NOTIFY_SOCKET=f"{name}/notify")
        assert hears().startswith("READY=1")
        assert [hears(), hears(5)] == ["WATCHDOG=1"] * 2
        [worker] = children(process)
        os.kill(worker, signal.SIGSTOP)
        drain(hears)
        assert drain(hears, seconds=3) == []
        os.kill(worker, signal.SIGCONT)
        assert hears() == "WATCHDOG=1"


def test_busy_worker_feeds_the_watchdog_once_a_second(start):
    with TemporaryDirectory(dir="/tmp") as name, notified(Path(name) / "notify") as hears:
        _, file = start(NOTIFY_SOCKET=f"{name}/notify")
        wait_for(file)
        drain(hears)
        began = time.monotonic()
        while time.monotonic() - began < 2:
            seconds_of_a_request(file)
        assert len(drain(hears)) <= 3


def children(process):
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in found.split()]
