"""The hosts of a cluster: namespaces with an address, host name and files of their own.

All of them are in namespaces of the drill, which has its own loopback device and ports, and end with it.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from site_under_test import ROOT

ADDRESSES = {"db1": 11, "db2": 12, "db3": 13, "app1": 21, "app2": 22, "www": 31}
NODES, APPS = ["db1", "db2", "db3"], ["app1", "app2"]
RUNBOOK = ROOT / "docs/cluster.md"
BLOCK = re.compile(r"^#+ ([^\n]*)$|^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWN = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
UNITS = Path(__file__).with_name("cluster_units")


def enter_own_namespaces() -> None:
    """Runs the drill again, inside."""
    if os.environ.get("CLUSTER_DRILL") != "inside":
        if os.getuid() != 0:
            raise SystemExit("This drill makes network namespaces: run it as root.")
        inside = os.environ | {"CLUSTER_DRILL": "inside"}
        os.execvpe("unshare", [*OWN, sys.executable, *sys.argv], inside)
    for command in ["link set lo up", "link add lan type bridge", "link set lan up"]:
        subprocess.run(["ip", *command.split()], check=True)
    subprocess.run(["ip", "address", "add", "10.0.0.1/24", "dev", "lan"], check=True)


def runbook() -> dict[str, list[str]]:
    """The blocks of commands below each heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for name, commands in BLOCK.findall(RUNBOOK.read_text()):
        heading = name or heading
        if commands:
            found.setdefault(heading, []).append(commands)
    return found


class Host:
    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder / name
        for part in ("etc", "etc.work", "lib", "lib.work", "mysql", "bin", "log"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "bin/systemctl").symlink_to(UNITS)
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "sh", "-euc", self._mounts()], stdout=subprocess.PIPE
        )
        assert self.holder.stdout is not None
        self.holder.stdout.readline()
        self._plug_in()

    def _mounts(self) -> str:
        return f"""
            hostname {self.name}
            for part in etc lib; do
                at=/etc; [ $part = etc ] || at=/var/lib
                mount -t overlay overlay $at \\
                    -o lowerdir=$at,upperdir={self.folder}/$part,workdir={self.folder}/$part.work
            done
            mkdir -p /var/lib/mysql
            chown mysql: {self.folder}/mysql
            mount --bind {self.folder}/mysql /var/lib/mysql
            mount -t tmpfs tmpfs /run
            mkdir -p /run/mysqld /run/haproxy
            chown mysql: /run/mysqld
            mount -t tmpfs tmpfs /opt
            mkdir /opt/conferencebox
            mount --bind {ROOT} /opt/conferencebox
            echo ready
            exec sleep infinity"""

    def _plug_in(self) -> None:
        inside = ["nsenter", "-t", str(self.holder.pid), "-n", "ip"]
        plug = ["ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns"]
        address = f"10.0.0.{ADDRESSES[self.name]}/24"
        for command in (
            [*plug, str(self.holder.pid)],
            ["ip", "link", "set", self.name, "master", "lan", "up"],
            [*inside, "address", "add", address, "dev", "eth0"],
            [*inside, "link", "set", "eth0", "up"],
            [*inside, "link", "set", "lo", "up"],
        ):
            subprocess.run(command, check=True)

    def run(self, commands: str, *, fails: bool = False) -> str:
        """With root's shell on the host."""
        path = f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        into = ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "-u", "env", "-i", f"PATH={path}"]
        yes = re.sub(r"^apt-get install", "apt-get install -yqq --no-download", commands, flags=re.MULTILINE)
        done = subprocess.run(
            [*into, "DEBIAN_FRONTEND=noninteractive", "bash", "-euc", yes],
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode and not fails:
            raise SystemExit(f"{done.stdout[-4000:]}\nFAILED on {self.name}: {commands}")
        return done.stdout

    def follow(self, heading: str, block: int = 0) -> str:
        return self.run(runbook()[heading][block])

    def file(self, path: str) -> Path:
        """As seen from outside."""
        return Path(f"/proc/{self.holder.pid}/root{path}")


class Node(Host):
    def install(self) -> None:
        """An empty server, as Debian's package leaves it."""
        self.run("mariadb-install-db --user=mysql --auth-root-authentication-method=socket --skip-test-db")

    def process(self) -> int:
        return int(self.file("/run/mariadb.pid").read_text())

    def kill(self) -> None:
        os.kill(self.process(), signal.SIGKILL)

    def start(self) -> None:
        self.follow("A node fails")

    def freeze(self) -> None:
        os.kill(self.process(), signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process(), signal.SIGCONT)

    def cut_off(self) -> None:
        subprocess.run(["ip", "link", "set", self.name, "down"], check=True)

    def connect(self) -> None:
        subprocess.run(["ip", "link", "set", self.name, "up"], check=True)

    def ask(self, query: str) -> str:
        return self.run(f'timeout 5 mariadb -N -e "{query}"', fails=True).strip()

    def is_well(self) -> bool:
        said = self.follow("Is it well?") if self.ask("SELECT 1") == "1" else ""
        return all(re.search(rf"{word}\b", said) for word in ("size\t3", "Primary", "Synced"))


def wait_until_well(nodes: list[Node], seconds: float = 90) -> float:
    """How long it took."""
    began = time.monotonic()
    while not all(node.is_well() for node in nodes):
        if time.monotonic() - began > seconds:
            raise SystemExit("\n".join(node.run("tail -n 30 /run/mariadb.log") for node in nodes))
        time.sleep(0.2)
    return time.monotonic() - began
