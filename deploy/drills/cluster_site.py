"""What is built of the hosts: the database nodes, the app hosts, and nginx in front of them."""

import http.client
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from cluster_hosts import ADDRESSES, APPS, NODES, Host, Node, wait_until_well
from processes import free_port
from site_under_test import NGINX, ROOT, configure_nginx, environment, wait_for

WRITER = re.compile(r"server_key=(\w+)")
DATABASE = "mysql://conferencebox:password@127.0.0.1:3307/conferencebox"
PORTS = 8001, 8002, 8003
CHECK = re.compile(r"^    (option tcp-check|tcp-check .*)\n", re.MULTILINE)
CHOSEN = re.compile(r'<div class="choice">.*?/members/(\d+)/', re.DOTALL)
AT_A_TIME = 8
READY = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Cluster:
    def __init__(self, folder: Path, control: str | None) -> None:
        self.folder, self.control, self.began = folder, control, time.monotonic()
        self.nodes = [Node(name, folder) for name in NODES]
        for node in self.nodes:
            node.install()
            node.follow("Nodes")
            if control == "writers":
                node.run("sed -i /^init_connect/d /etc/mysql/mariadb.conf.d/95-conferencebox-cluster.cnf")
        first, *others = self.nodes
        first.follow("The first node, once")
        for node in others:
            node.follow("The others, one after the other")
        wait_until_well(self.nodes)
        self.port = free_port()
        place = first.file("/run/mysqld/mysqld.sock")
        os.environ["DATABASE_URL"] = f"mysql://root@/conferencebox?unix_socket={place}"

    def age(self) -> float:
        return time.monotonic() - self.began

    def serve(self, folder: Path) -> None:
        """`folder` has the static files, and gets nginx's."""
        self.apps = [Host(name, self.folder) for name in APPS]
        # The list of static files is named after the folder of the release, which is another one on hosts.
        [names] = (folder / "static").glob("staticfiles-*.json")
        (folder / "static/staticfiles-conferencebox.json").write_text(names.read_text())
        for host in self.apps:
            host.run(f"mkdir -p /var/lib/conferencebox; ln -s {folder}/static /var/lib/conferencebox/static")
            known = environment(folder) | {"DATABASE_URL": DATABASE, "VAR_DIR": "/var/lib/conferencebox"}
            known |= {"SECRET_KEY": os.environ["SECRET_KEY"]}
            lines = "".join(f"{name}={value}\n" for name, value in known.items())
            host.file("/etc/conferencebox.env").write_text(lines)
            host.follow("App hosts")
            self._weaken(host)
        for host in self.apps:
            host.follow("App hosts", 1)
            wait_until_ready(host.name)
        self._start_nginx(folder)

    def _weaken(self, host: Host) -> None:
        """For a control."""
        file = host.file("/etc/haproxy/haproxy.cfg")
        text = file.read_text()
        if self.control == "check":
            text = CHECK.sub("", text).replace(" on-marked-down shutdown-sessions", "")
        if self.control == "writers":
            text = text.replace("    stick on int(1)\n", "")
        if self.control == "writers" and host.name == "app2":
            text = text.replace("db2 10.0.0.12:3306 check backup", "db2 10.0.0.12:3306 check")
            text = text.replace("db1 10.0.0.11:3306 check", "db1 10.0.0.11:3306 check backup")
        if self.control:
            file.write_text(text)
            host.run("systemctl restart haproxy")

    def _start_nginx(self, folder: Path) -> None:
        www = Host("www", self.folder)
        there = www.file("/etc/nginx/conf.d")
        shutil.copy(ROOT / "deploy/nginx/conferencebox.conf", there)
        www.follow("nginx")
        text = "".join(file.read_text() for file in sorted(there.glob("conferencebox*.conf")))
        configure_nginx(folder, self.port, {"conferencebox.conf": text}, None)
        subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def writer(self) -> Node:
        table = "echo 'show table conferencebox' | socat - /run/haproxy/admin.sock"
        said = {tuple(WRITER.findall(host.run(table))) for host in self.apps}
        found = [node for node in self.nodes if said == {(node.name,)}]
        if len(found) != 1:
            raise SystemExit(f"The app hosts do not agree which node writes: {said}")
        return found[0]

    def start_together(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: node.follow("A node fails"), self.nodes))

    def bootstrap(self) -> None:
        """As the runbook says, which chooses the node that has most."""
        heading = "All nodes fail, and one of them does not come back"
        has = {node.name: int(node.follow(heading).rpartition(":")[2]) for node in self.nodes}
        print(f"  last: {has}", flush=True)
        chosen = max(self.nodes, key=lambda node: has[node.name])
        chosen.follow(heading, 1)
        for node in self.nodes:
            if node is not chosen:
                node.follow(heading, 2)

    def copies(self) -> set[str]:
        """What the nodes have of the votes: of one kind if they are equal."""
        return {node.ask("CHECKSUM TABLE conferencebox.voting_vote") for node in self.nodes}


def wait_until_ready(name: str) -> None:
    """All of its web servers reach the database."""
    for port in PORTS:
        for _ in range(150):
            with suppress(OSError):
                peer = http.client.HTTPConnection(f"10.0.0.{ADDRESSES[name]}", port, timeout=30)
                if exchange(peer, READY)[0] == 200:
                    break
            time.sleep(0.2)
        else:
            raise SystemExit(f"{name} did not start.")


def stale_pages(cluster: Cluster, voters: list[Any], reads: int) -> int:
    """Votes through one app host, each followed at once by the ballot of the other one."""
    each = reads // len(voters)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return sum(pool.map(lambda voter: stale_pages_of(voter, each), voters))


def stale_pages_of(voter: Any, reads: int) -> int:
    peers = [http.client.HTTPConnection(f"10.0.0.{ADDRESSES[name]}", PORTS[0], timeout=30) for name in APPS]
    stale = 0
    for number in range(reads):
        writes, sees = peers[number % 2], peers[1 - number % 2]
        status, page = exchange(writes, voter.vote())
        if status != 302:
            raise SystemExit(f"A vote was answered with {status}: {page[:400]}")
        status, page = exchange(sees, voter.ballot())
        found = CHOSEN.search(page)
        stale += not (found and int(found[1]) == voter.choice)
    return stale


def exchange(peer: http.client.HTTPConnection, request: bytes) -> tuple[int, str]:
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    method, path, _ = line.split(" ")
    headers = dict(text.split(": ", 1) for text in fields) | {"X-Real-IP": "127.1.1.1"}
    peer.request(method, path, body, headers | {"X-Forwarded-Proto": "http"})
    answer = peer.getresponse()
    return answer.status, answer.read().decode()
