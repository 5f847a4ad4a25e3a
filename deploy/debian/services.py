"""Restarts what serves the site, one after the other, each with a check; root only.

    conferencebox restart

What an operator has disabled or masked is left alone. If one does not come back, the next ones are left as
they are: nginx asks only those that answer.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from variables import host_of_site

CURRENT = Path("/opt/conferencebox")
WEB = ["conferencebox-web@1", "conferencebox-web@2"]
HEAVY, WORKER = "conferencebox-heavy", "conferencebox-worker"
SERVICES = [*WEB, HEAVY, WORKER]
READY_WITHIN_SECONDS = 60
# Meanwhile it gets half of the requests. All of them at once would wait for what the first ones load.
SETTLES_WITHIN_SECONDS = 3
# A worker that cannot load the application ends sooner.
RUNS_FOR_SECONDS = 5
# The second is a whole page, with templates and static files.
PAGES = ["/readyz", "/"]


class NotReadyError(Exception):
    """A service did not come back."""


def is_off(unit: str) -> bool:
    """Disabled or masked, as an operator does on a host where it is not to run."""
    return state_of(unit).startswith(("disabled", "masked"))


def is_masked(unit: str) -> bool:
    return state_of(unit).startswith("masked")


def state_of(unit: str) -> str:
    asks = ["systemctl", "is-enabled", unit]
    return subprocess.run(asks, check=False, capture_output=True, text=True).stdout.strip()


def that_run_here(units: list[str]) -> list[str]:
    return [unit for unit in units if not is_off(unit)]


def restart(names: list[str], host: str) -> None:
    for name in names:
        restart_one(name)
        wait_until_ready(name, host)


def restart_one(name: str) -> None:
    """systemd waits until all workers of an instance are ready."""
    try:
        done = subprocess.run(
            ["systemctl", "restart", name], check=False, timeout=READY_WITHIN_SECONDS
        ).returncode
    except subprocess.TimeoutExpired:
        done = 1
    if done:
        raise NotReadyError(f"{name} does not start. See journalctl -u {name}.")


def wait_until_ready(name: str, host: str) -> None:
    if name == WORKER:
        wait_while_it_runs(name)
        return
    answers: dict[str, str] = {}
    for _ in range(READY_WITHIN_SECONDS):
        answers = {page: answer_of(name, page, host) for page in PAGES}
        if set(answers.values()) == {"200"}:
            time.sleep(SETTLES_WITHIN_SECONDS)
            return
        time.sleep(1)
    raise NotReadyError(f"{name} does not answer 200 but: {json.dumps(answers)}. See journalctl -u {name}.")


def wait_while_it_runs(name: str) -> None:
    process = main_process(name)
    for _ in range(RUNS_FOR_SECONDS):
        time.sleep(1)
        if not process or main_process(name) != process:
            raise NotReadyError(f"{name} does not keep running. See journalctl -u {name}.")


def answer_of(name: str, page: str, host: str) -> str:
    """As nginx asks this instance, and no other."""
    headers = {"Host": host, "X-Real-IP": "127.0.0.1", "X-Forwarded-Proto": "https"}
    try:
        peer = http.client.HTTPConnection(host, timeout=10)
        peer.sock = connection_to(bound_to(name))
        peer.request("GET", page, headers=headers)
        return str(peer.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error)


def bound_to(name: str) -> str:
    """A socket of this host, or a port, as on the app hosts of docs/cluster.md."""
    found = re.search(r" --bind (?:unix:)?(\S+)", property_of(name, "ExecStart"))
    return found[1].removesuffix(".unready") if found else f"/run/{name.replace('@', '-')}/web.sock"


def connection_to(address: str) -> socket.socket:
    if not address.startswith("/"):
        return socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10)
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(10)
    peer.connect(address)
    return peer


def main_process(name: str) -> int:
    return int(property_of(name, "MainPID") or 0)


def property_of(name: str, key: str) -> str:
    shows = ["systemctl", "show", f"--property={key}", "--value", name]
    return subprocess.run(shows, check=False, capture_output=True, text=True).stdout.strip()


def of_another_release(release: Path) -> list[str]:
    return [name for name in that_run_here(SERVICES) if release_of(name) != release]


def release_of(name: str) -> Path | None:
    """What it has started from; None if it does not run."""
    process = main_process(name)
    try:
        return Path(f"/proc/{process}/cwd").readlink() if process else None
    except OSError:
        return None


def main() -> None:
    if os.getuid() != 0:
        sys.exit("conferencebox restart: root only")
    names = that_run_here(SERVICES)
    try:
        restart(names, host_of_site())
    except NotReadyError as error:
        sys.exit(f"{error}\nThe services after it were not touched.")
    print(f"Restarted, one after the other: {', '.join(names) or 'none, because all are disabled'}")


if __name__ == "__main__":
    main()
