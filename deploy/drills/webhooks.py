#!/usr/bin/env python3
"""Each event has to arrive, at least once, with its ID and in order, and nothing where it must not.

    .venv/bin/python deploy/drills/webhooks.py [--quick] [--control address | accepted | order]

Also through deploy/with-mariadb. Two processes `manage.py work`, as on two hosts, send to receivers over TLS:

killed    is killed with SIGKILL and started again
held      takes 150 ms, and the workers that send to it are killed in the middle
error     answers 500, until it answers 200
drip      answers a byte every 200 ms: it holds up no other and is never accepted
redirect  answers 302 to the URL of a host inside, which must get nothing
private   a name that leads to the host inside
rebinds   a name that leads to a host outside, then to the one inside, by turns

People join a conference meanwhile, and voting opens and closes. At the end, what the receivers wrote down is
compared with the events. --quick has fewer of them and takes less than a minute. --control takes a
protection out, so that the drill has to fail.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from processes import children, free_port, kill, name_of
from site_under_test import ROOT, environment_of_workers, set_up_database
from webhooks_receiver import SECRET

HERE = Path(__file__).resolve().parent
HOSTS = 2
INSIDE, OUTSIDE = "127.0.0.2", "127.0.0.1"
RECEIVERS = ["killed", "held", "error", "drip", "redirect", "inside"]
ENDPOINTS = ["killed", "held", "error", "drip", "redirect", "private", "rebinds"]
ARRIVES = ["killed", "held", "error"]
NAMES = {
    **{f"{name}.example": [OUTSIDE] for name in ("killed", "held", "error", "drip", "redirect")},
    "private.example": [INSIDE],
    "rebinds.example": [OUTSIDE, INSIDE],
}
# Why nothing is ever accepted there.
# What a control has to cause.
EXPECTED = {
    "address": "requests inside",
    "accepted": "events that did not arrive",
    "order": "requests before their turn",
}
REFUSED = {"drip": {"timeout"}, "redirect": {"redirect"}, "private": {"host"}}
CLAIM_SECONDS, CLAIM_SECONDS_IF_QUICK = 30, 6


class Drill:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.people, self.kills = (24, 2) if options.quick else (150, 6)
        self.limit = 45 if options.quick else 600
        self.ports = {name: free_port() for name in RECEIVERS}
        self.receivers: dict[str, subprocess.Popen] = {}
        self.hosts: list[subprocess.Popen] = []
        os.environ |= environment_of_workers(folder, free_port())
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/drill.sqlite3")

    def set_up(self) -> None:
        set_up_database()
        from conferences.tests.webhooks import authority, certificate_for

        os.environ |= {"WEBHOOK_EXTRA_CA": str(authority()), "WEBHOOK_ALLOWED_NETWORKS": f"{OUTSIDE}/32"}
        claim = CLAIM_SECONDS_IF_QUICK if self.options.quick else CLAIM_SECONDS
        os.environ["DRILL"] = json.dumps({"names": NAMES, "waits": 0.4, "claim": claim})
        os.environ["CONTROL"] = self.options.control or ""
        # A worker that is led there finds a certificate that fits, so that this is not what keeps it out.
        inside = ["inside", "private", "rebinds"]
        self.certificates = {name: str(certificate_for(f"{name}.example")) for name in {*RECEIVERS, *inside}}
        self.certificates["inside"] = self.certificates["private"]
        self.stage()
        for name in RECEIVERS:
            self.start_receiver(name)
        for _ in range(HOSTS):
            self.start_host()

    def stage(self) -> None:
        from accounts.tests.factories import make_user
        from conferences.tests.factories import make_conference
        from conferences.tests.webhooks import make_endpoint

        self.conference = make_conference(slug="drill", voting="scheduled")
        self.joining = [make_user(f"person{number}@example.org") for number in range(self.people)]
        own_port = {"private": "inside", "rebinds": "inside"}
        self.endpoints = {
            name: make_endpoint(
                self.conference,
                secret=SECRET,
                host=name,
                url=f"https://{name}.example:{self.ports[own_port.get(name, name)]}/in",
            )
            for name in ENDPOINTS
        }

    def start_receiver(self, name: str) -> None:
        kind = "well" if name in ("killed", "inside") else name
        address = INSIDE if name == "inside" else OUTSIDE
        command = [sys.executable, str(HERE / "webhooks_receiver.py"), kind, address, str(self.ports[name])]
        command += [self.certificates[name], str(self.log_of(name))]
        command += [f"https://private.example:{self.ports['inside']}/in"] if name == "redirect" else []
        self.receivers[name] = subprocess.Popen(command, start_new_session=True)

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start_host(self) -> None:
        command = [sys.executable, str(HERE / "webhooks_workers.py"), "work", "--processes", "1"]
        with (self.folder / "work.log").open("a") as log:
            self.hosts.append(
                subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=log, stderr=log)
            )

    def run(self) -> None:
        self.began = time.monotonic()
        acts = self.acts()
        for number, person in enumerate(self.joining):
            self.join(person)
            for act in acts.get(number, []):
                act()
            time.sleep(0.05)
        self.open_and_close()
        (self.folder / "error.log.ok").touch()
        while not self.has_arrived() and time.monotonic() - self.began < self.limit:
            time.sleep(0.2)
        self.seconds = time.monotonic() - self.began

    def acts(self) -> dict[int, list]:
        """What happens after so many people have joined."""
        step = max(1, self.people // (self.kills + 1))
        each = [self.kill_receiver, self.kill_worker_in_mid_send]
        return {step * (turn + 1) - 1: each for turn in range(self.kills)}

    def join(self, person) -> None:
        from accounts.actors import Actor
        from conferences.actions import join_conference

        join_conference(conference=self.conference, by=Actor(person))

    def open_and_close(self) -> None:
        """By the clock; the workers notice it."""
        from confbox.kit.clock import database_now
        from voting.elections.election.models import Election

        election = Election.objects.filter(pk=self.conference.pk)
        election.update(opens_at=database_now())
        self.wait_for(lambda: "voting.opened" in self.kinds(), "voting opens")
        election.update(closes_at=database_now())
        self.wait_for(lambda: "voting.closed" in self.kinds(), "voting closes")

    def kinds(self) -> list[str]:
        from conferences.outbox.models import WebhookEvent

        return list(WebhookEvent.objects.values_list("kind", flat=True))

    def wait_for(self, happens, what: str) -> None:
        ends = time.monotonic() + 30
        while not happens():
            if time.monotonic() > ends:
                raise SystemExit(f"{what}: not noticed\n{self.words_of_workers()}")
            time.sleep(0.1)

    def kill_receiver(self) -> None:
        kill(self.receivers["killed"].pid)
        self.receivers["killed"].wait()
        time.sleep(0.6)
        self.start_receiver("killed")

    def kill_worker_in_mid_send(self) -> None:
        """Right when the receiver has written down a request, and has not answered it."""
        before, ends = self.log_size("held"), time.monotonic() + 8
        while self.log_size("held") == before and time.monotonic() < ends:
            time.sleep(0.002)
        for host in self.hosts:
            for child in children(host.pid):
                if name_of(child) == "webhooks":
                    kill(child)

    def log_size(self, name: str) -> int:
        return self.log_of(name).stat().st_size if self.log_of(name).exists() else 0

    def has_arrived(self) -> bool:
        from conferences.outbox.models import WebhookMessage

        mine = WebhookMessage.objects.filter(endpoint__in=[self.endpoints[name] for name in ARRIVES])
        return not mine.exclude(state="accepted").exists()

    def end(self) -> None:
        for process in (*self.hosts, *self.receivers.values()):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()

    def words_of_workers(self) -> str:
        return (self.folder / "work.log").read_text()[-3000:]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--control", choices=["address", "accepted", "order"])
    return parser.parse_args()


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        drill = Drill(options, Path(folder))
        try:
            drill.set_up()
            drill.run()
        finally:
            drill.end()
        from webhooks_judge import faults_of

        faults = faults_of(drill)
        if options.control:
            has_failed = EXPECTED[options.control] in "; ".join(faults)
            print(*faults, "control: failed as it must" if has_failed else "control: DID NOT FAIL", sep="\n")
            return 0 if has_failed else 1
        print(f"FAILED: {'; '.join(faults)}\n{drill.words_of_workers()}" if faults else "passed")
        return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
