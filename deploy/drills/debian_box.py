"""A fresh Debian 12 with systemd, in a container."""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

from processes import children
from site_under_test import ROOT

Prepared = TypeVar("Prepared")
SOURCES = [
    "deb http://deb.debian.org/debian bookworm main",
    "deb http://deb.debian.org/debian bookworm-updates main",
    "deb http://deb.debian.org/debian-security bookworm-security main",
]
NAMESPACES = ["-m", "-u", "-i", "-p", "-r", "-w"]
VARIABLES = ["HOME=/root", "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
VARIABLES += ["DEBIAN_FRONTEND=noninteractive"]


def make_box(folder: Path, base: Path | None) -> None:
    base = base or folder / "base.tar"
    if not base.exists():
        add = "--include=ca-certificates,systemd-sysv,dbus"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=important", add, "bookworm", base, *SOURCES], check=True
        )
    (folder / "box").mkdir()
    subprocess.run(["tar", "-xf", base, "-C", folder / "box"], check=True)


class Box:
    """A container with systemd and the network of this host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = ["systemd-nspawn", "-b", "--register=no", "--keep-unit", "--resolv-conf=replace-host", "-D"]
        self.process = subprocess.Popen(
            [*command, str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        for _ in range(120):
            if self.run("systemctl is-system-running").stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.5)
        self.end()
        sys.exit("The box did not start.")

    def run(self, command: str, text: str | None = None) -> SimpleNamespace:
        """With root's shell in the box; the output has errors as well."""
        inside = children(self.process.pid)
        if not inside:
            return SimpleNamespace(returncode=1, stdout="")
        into = ["nsenter", "-t", str(inside[0]), *NAMESPACES, "env", "-i", *VARIABLES]
        # The answers to the package manager's questions are all yes.
        yes = command.replace("apt-get ", "apt-get -y --no-install-recommends ", 1)
        done = subprocess.run(
            [*into, "sh", "-c", f"cd /root && {yes}"],
            input=text,
            stdin=None if text else subprocess.DEVNULL,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return SimpleNamespace(returncode=done.returncode, stdout=done.stdout)

    def must(self, command: str, text: str | None = None) -> str:
        done = self.run(command, text)
        if done.returncode:
            sys.exit(f"{done.stdout[-3000:]}\nFAILED: {command}")
        return done.stdout

    def end(self) -> None:
        self.run("systemctl poweroff")
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait(30)


def options_of_a_box() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser()
    options.add_argument("--base", type=Path, help="where the box is kept for the next run")
    return options


@contextmanager
def box_with_package(
    base: Path | None, prepare: Callable[[Path, Path], Prepared]
) -> Iterator[tuple[Box, Prepared]]:
    """`prepare` gets the package in dist/ and the files of the box, before it starts."""
    built = sorted((ROOT / "dist").glob("conferencebox_*.deb"))
    if len(built) != 1:
        sys.exit("There has to be one package in dist/: make deb")
    require_free_ports()
    with tempfile.TemporaryDirectory(prefix="box.") as name:
        make_box(Path(name), base)
        prepared = prepare(built[0], Path(name) / "box")
        box = Box(Path(name) / "box")
        try:
            yield box, prepared
        finally:
            box.end()


def require_free_ports(ports: tuple[int, ...] = (25, 80, 443, 3306)) -> None:
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                sys.exit(f"Port {port} of this host is in use, and the drill needs it.")
