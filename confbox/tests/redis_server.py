"""A Redis of the tests' own, on a port that was free."""

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

from confbox.kit.tests.ports import free_port


def is_installed():
    return bool(shutil.which("redis-server"))


@contextmanager
def running_redis(folder):
    port = free_port()
    options = {"bind": "127.0.0.1", "port": str(port), "save": "", "dir": str(folder)}
    command = [word for name, value in options.items() for word in (f"--{name}", value)]
    server = subprocess.Popen(["redis-server", *command], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("Redis did not start within 10 s")
