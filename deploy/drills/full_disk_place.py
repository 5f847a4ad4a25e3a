"""A small disk with all that the site writes, what fills it, and who has to notice."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import BinaryIO

from site_under_test import ROOT

VERDICT = re.compile(r'^conferencebox_check_verdict{check="(\w+)"} (\d)', re.MULTILINE)
MB = 1024 * 1024
DISK_MB, SLOWLY_MB = 1000, 200
PAUSE_SECONDS = 0.025
DISK = Path("/mnt")
# Set inside the namespaces: the folder for what has to be written while the disk is full.
PLACE = "FULL_DISK_DRILL"
OWN = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
TOKEN = "drill"  # noqa: S105


def enter_own_namespaces() -> None:
    """Runs the drill again, inside: its disk is seen by no one else, and ends with it."""
    if PLACE in os.environ:
        return
    if os.getuid() != 0:
        raise SystemExit("This drill mounts a disk: run it as root.")
    inside = os.environ | {PLACE: tempfile.gettempdir(), "METRICS_TOKEN": TOKEN}
    os.execvpe("unshare", [*OWN, sys.executable, *sys.argv], inside)


def mount_disk() -> None:
    """From now on, what is temporary is there."""
    with tempfile.NamedTemporaryFile() as image:
        image.truncate(DISK_MB * MB)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image.name], check=True)
        subprocess.run(["mount", "-o", "loop", image.name, str(DISK)], check=True)
    os.environ["TMPDIR"] = str(DISK)


class Filler(threading.Thread):
    """Takes most of the disk at once, the rest as a backup would, and then what others make room for."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.has_filled, self.ends = threading.Event(), threading.Event()

    def run(self) -> None:
        with (DISK / "filler").open("wb", buffering=0) as file:
            found = os.statvfs(DISK)
            os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - SLOWLY_MB * MB)
            file.seek(0, os.SEEK_END)
            while not self.ends.is_set():
                self._write(file)

    def _write(self, file: BinaryIO) -> None:
        try:
            file.write(b"x" * (4096 if self.has_filled.is_set() else MB))
        except OSError:
            self.has_filled.set()
        time.sleep(PAUSE_SECONDS)

    def free(self) -> None:
        self.ends.set()
        self.join()
        (DISK / "filler").unlink()


def verdicts(web: str) -> list[str]:
    """What of doctor and metrics does not name the disk."""
    command = [sys.executable, "manage.py", "doctor", "--json"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    found = {each["name"]: each["verdict"] for each in json.loads(done.stdout or '{"checks": []}')["checks"]}
    figures = dict(
        re.findall(r'^conferencebox_check_verdict{check="(\w+)"} (\d)', metrics(web), re.MULTILINE)
    )
    wrong = [f"the doctor says of the disk: {found.get('disks')}"] * (found.get("disks") != "problem")
    wrong += ["the doctor's exit code is 0"] * (done.returncode == 0)
    return wrong + [f"/metrics says of the disk: {figures.get('disks')}"] * (figures.get("disks") != "2")


def metrics(web: str) -> str:
    peer = http.client.HTTPConnection("127.0.0.1", timeout=30)
    peer.sock = socket.socket(socket.AF_UNIX)
    peer.sock.connect(web)
    peer.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return peer.getresponse().read().decode()
