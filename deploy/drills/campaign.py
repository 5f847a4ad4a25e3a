#!/usr/bin/env python3
"""Does a campaign reach each member exactly once? Real workers, real SMTP, a database of its own.

    deploy/with-mariadb .venv/bin/python deploy/drills/campaign.py [--chaos | --control] [--roster]
        [--members 10000] [--workers 4] [--sink aiosmtpd | plain] [--at-least EMAILS_A_SECOND]

--chaos    kills workers ten times, the mail server three times and the database once, all with SIGKILL
--roster   an invitation to as many roster entries instead, which become invited by it and by nothing else
--control  the same kills of workers without the commit before sending: emails must be sent twice

The mail server logs each email before it acknowledges it. At the end the log is compared with the database:
every member has received the email exactly once, or it is shown as uncertain.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from processes import free_port, kill, name_of, peak_memory, task_workers
from site_under_test import ROOT, environment_of_workers, set_up_database

HERE = Path(__file__).resolve().parent
MAX_WAIT_SECONDS = 420
MEMORY_LIMIT = 150


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        drill = Drill(options, Path(folder))
        try:
            drill.set_up()
            drill.run()
            return drill.judge()
        finally:
            drill.end()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--chaos", action="store_true")
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--roster", action="store_true")
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--sink", choices=["aiosmtpd", "plain"], default="aiosmtpd")
    parser.add_argument("--at-least", type=int, default=0, help="emails a second, else the drill fails")
    return parser.parse_args()


class Drill:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.received = folder / "received"
        self.received.touch()
        self.port = free_port()
        self.peaks: dict[int, int] = {}
        self.kills: Counter[str] = Counter()
        self.sink = self.work = self.database = None
        os.environ |= environment_of_workers(folder, self.port)

    def set_up(self) -> None:
        set_up_database()
        stage = stage_invitation if self.options.roster else stage_campaign
        self.campaign = stage(self.options.members)
        self.start_sink()
        script = HERE / "campaign_uncommitted.py" if self.options.control else ROOT / "manage.py"
        # One process more: the first worker does not send campaigns.
        command = [sys.executable, str(script), "work", "--processes", str(self.options.workers + 1)]
        self.log = (self.folder / "work.log").open("w")
        self.work = subprocess.Popen(command, start_new_session=True, stderr=self.log, stdout=self.log)

    def start_sink(self) -> None:
        sink = [sys.executable, str(HERE / "campaign_sink.py"), self.options.sink]
        self.sink = subprocess.Popen([*sink, str(self.port), str(self.received)], start_new_session=True)

    def run(self) -> None:
        events = self.events()
        started = time.monotonic()
        while not self.is_finished() and time.monotonic() - started < MAX_WAIT_SECONDS:
            self.measure()
            taken = self.count()
            if events and taken >= events[0][0]:
                self.happen(events.pop(0)[1])
            time.sleep(0.1)
        self.seconds = time.monotonic() - started

    def events(self) -> list[tuple[int, str]]:
        """What is killed, each once so many emails have arrived."""
        if not (self.options.chaos or self.options.control):
            return []
        victims = ["worker"] * self.options.kills
        victims += ["sink"] * 3 + ["database"] if self.options.chaos else []
        random.Random(4).shuffle(victims)
        step = self.options.members / (len(victims) + 1)
        return [(int(step * (n + 0.5)), victim) for n, victim in enumerate(victims)]

    def happen(self, victim: str) -> None:
        self.kills[victim] += 1
        if victim == "worker":
            busy = self.campaign_workers()
            kill(random.choice(busy)) if busy else None
        elif victim == "sink":
            kill(self.sink.pid)
            self.sink.wait()
            time.sleep(0.5)
            self.start_sink()
        else:
            self.crash_database()

    def crash_database(self) -> None:
        from django.db import connection

        kill(int(os.environ["MARIADB_PID"]))
        connection.close()
        time.sleep(1)
        command = [
            *("mariadbd", "--no-defaults", "--skip-networking", "--max-connections=500"),
            f"--datadir={os.environ['MARIADB_FOLDER']}/data",
            f"--socket={os.environ['MARIADB_SOCKET']}",
            *(["--user=root"] if os.getuid() == 0 else []),
        ]
        self.database = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def campaign_workers(self) -> list[int]:
        """The first worker does not send campaigns."""
        return [p for p in task_workers(self.work.pid) if name_of(p) != "tasks 0"]

    def measure(self) -> None:
        for number in self.campaign_workers():
            self.peaks[number] = max(self.peaks.get(number, 0), peak_memory(number))

    def count(self) -> int:
        return self.received.read_bytes().count(b"\n")

    def is_finished(self) -> bool:
        from django.db import Error, connection

        try:
            self.campaign.refresh_from_db()
        except Error:
            connection.close()
            return False
        return self.campaign.finished_at is not None

    def judge(self) -> int:
        from voting.campaigns.models import Delivery

        rows = Delivery.objects.filter(campaign=self.campaign)
        address = "roster_entry__mailbox" if self.options.roster else "recipient__user__email"
        states = dict(rows.values_list(address, "status"))
        # The requester gets an email of another kind at the end.
        lines = [
            line.split()
            for line in self.received.read_text().splitlines()
            if f"<campaign.{self.campaign.pk}." in line
        ]
        taken = Counter(address for _when, address, _number in lines)
        times = sorted(float(when) for when, _address, _number in lines)
        found = {
            "members": len(states),
            "emails received": len(lines),
            "missing": sum(1 for a, s in states.items() if not taken[a] and s != "uncertain"),
            "duplicate": sum(1 for times in taken.values() if times > 1),
            "uncertain": sum(1 for s in states.values() if s == "uncertain"),
            "wrongly recorded": sum(1 for a in taken if states.get(a) not in ("sent", "uncertain")),
            "wrongly invited": wrongly_invited(rows) if self.options.roster else 0,
            "open at the end": rows.filter(status__in=Delivery.OPEN).count(),
        }
        rate = len(times) / max(times[-1] - times[0], 0.001) if times else 0
        peak = max(self.peaks.values(), default=0) / 1024
        for name, number in found.items():
            print(f"{name:<20}{number}")
        print(f"{'emails a second':<20}{rate:.0f}")
        print(f"{'peak memory':<20}{peak:.0f} MB a worker, {len(self.peaks)} workers lived")
        print(f"{'killed':<20}{', '.join(f'{n} {v}' for v, n in self.kills.items()) or 'nothing'}")
        return self.verdict(found, rate, peak)

    def verdict(self, found: dict[str, int], rate: float, peak: float) -> int:
        bad = ["missing", "duplicate", "wrongly recorded", "wrongly invited", "open at the end"]
        faults = [name for name in bad if found[name]]
        faults += ["members"] if found["members"] != self.options.members else []
        faults += ["uncertain"] if found["uncertain"] and not self.kills else []
        faults += ["emails a second"] if rate < self.options.at_least else []
        faults += ["peak memory"] if peak >= MEMORY_LIMIT else []
        if self.options.control:
            print("control: failed as it must" if "duplicate" in faults else "control: DID NOT FAIL")
            return 0 if "duplicate" in faults else 1
        print(f"FAILED: {', '.join(faults)}" if faults else "passed")
        if faults:
            print(Path(self.log.name).read_text()[-3000:])
        return 1 if faults else 0

    def end(self) -> None:
        for process in (self.work, self.sink, self.database):
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()


def stage_campaign(members: int):
    from accounts.tests.factories import make_organiser
    from conferences.tests.factories import make_conference
    from voting.campaigns.models import Campaign
    from voting.tests.campaigns import approve, make_campaign, make_members

    conference = make_conference(voting="open")
    made = make_members(conference, members)
    text = "Members, **vote for me**. I would talk about [bread](https://example.org/bread).\n\n" * 4
    campaign = make_campaign(made[0], message=text)
    approve(campaign, make_organiser("organiser@example.org"))
    assert Campaign.objects.due().exists()
    return campaign


def stage_invitation(entries: int):
    from accounts.tests.factories import make_organiser
    from conferences.models import RosterEntry
    from conferences.tests.factories import make_conference
    from voting.tests.campaigns import approve
    from voting.tests.invitations import write

    conference, organiser = make_conference(voting="open"), make_organiser("organiser@example.org")
    listed = (f"listed{number}@example.org" for number in range(entries))
    RosterEntry.objects.bulk_create(
        RosterEntry(conference=conference, email=email, mailbox=email) for email in listed
    )
    return approve(write(conference, organiser), organiser)


def wrongly_invited(rows) -> int:
    """How many entries are invited without an email that is known to be sent, or the other way round."""
    sent = rows.filter(status="sent")
    return (
        sent.filter(roster_entry__invited_at=None).count()
        + rows.exclude(status="sent").filter(roster_entry__invited_at__isnull=False).count()
    )


if __name__ == "__main__":
    sys.exit(main())
