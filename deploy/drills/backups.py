#!/usr/bin/env python3
r"""Backups under load, back to before a wrong DELETE, and damage that the proof must find.

    MARIADB_OPTIONS="--log-bin=log --binlog-format=ROW --server-id=1 --innodb-buffer-pool-size=1G" \
        deploy/with-mariadb .venv/bin/python deploy/drills/backups.py [--votes 1000000]

Sixteen voters at a time vote while a backup is written. What is restored must be an exact prefix of
the ledger of answered votes: none is missing that was answered before another one in it was sent. The
control takes one such vote out. The proof must pass the unharmed backup and refuse the same with one bit
flipped, one without a table, and one with a published vote that was moved. With --votes, as many votes are
added, and the time to restore is measured.
"""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import decide
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from accounts.actors import Actor
from voting.elections import actions

SECONDS_FOR_A_MILLION = 120
LIVE = settings.DATABASES["default"]["NAME"]
# A million of each, copied from one row; what has to be different is in the second part.
COPIES = {
    "accounts_user": {"id": "10000000 + seq", "email": "CONCAT('c', seq, '@example.org')"},
    "conferences_membership": {"id": "10000000 + seq", "user_id": "10000000 + seq", "mailbox": "mailbox"},
    "voting_vote": {"voter_id": "10000000 + seq", "tracker": "NULL"},
}


class Answered(NamedTuple):
    voter: int
    candidate: int
    sent: float
    answered: float


def vote(work: SimpleQueue, ledger: list[Answered]) -> None:
    while True:
        try:
            voter, candidate = work.get_nowait()
        except Empty:
            break
        sent = time.monotonic()
        actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)
        ledger.append(Answered(voter.pk, candidate.pk, sent, time.monotonic()))
    connections.close_all()


def votes_in(database: str) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT voter_id, candidate_id FROM `{database}`.voting_vote")
        return dict(cursor.fetchall())


def is_exact_prefix(restored: dict[int, int], ledger: list[Answered]) -> bool:
    within = [vote for vote in ledger if vote.voter in restored]
    if len(within) != len(restored) or any(restored[v.voter] != v.candidate for v in within):
        return False
    last_sent = max((vote.sent for vote in within), default=0.0)
    return all(vote.voter in restored for vote in ledger if vote.answered < last_sent)


class Site:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder / "backup-private.asc"
        self.environment = os.environ | {
            "BACKUP_DIR": str(folder / "backups"),
            "BACKUP_PUBLIC_KEY": str(folder / "backup-public.asc"),
        }
        self.run("backup.py", "key", folder)

    def run(self, program: str, *arguments: Any, fails: bool = False) -> str:
        command = [sys.executable, f"deploy/{program}", *map(str, arguments)]
        done = subprocess.run(
            command, check=False, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True
        )
        if bool(done.returncode) != fails:
            sys.exit(f"{program} {arguments}: {done.stdout}{done.stderr}")
        return (done.stderr if fails else done.stdout).strip()

    def backup(self) -> Path:
        return Path(self.run("backup.py"))

    def prove(self, *, fails: bool = False) -> str:
        return self.run("backup.py", "prove", fails=fails)

    def restore(self, file: Path, name: str, *more: str) -> str:
        return self.run("restore.py", file, "--name", name, *more)


def under_load(site: Site) -> list[bool]:
    people = decide.make_members()
    conference, members = decide.make_conference("backup", people)
    work: SimpleQueue = SimpleQueue()
    for n, voter in enumerate(members[:-5]):
        work.put((voter, members[-1 - n % 5]))
    ledger: list[Answered] = []
    clients = [threading.Thread(target=vote, args=(work, ledger)) for _ in range(decide.CLIENTS)]
    for client in clients:
        client.start()
    while len(ledger) < 100:
        time.sleep(0.005)
    file, then = site.backup(), len(ledger)
    for client in clients:
        client.join()
    restored = as_written(site, file)
    first = next(vote for vote in sorted(ledger, key=lambda v: v.answered) if vote.voter in restored)
    control = {voter: c for voter, c in restored.items() if voter != first.voter}
    print(
        f"backup under load: {len(restored)} votes in it, {then} answered when it ended, {len(ledger)} in all"
    )
    passed = [
        say("there were votes before and after the snapshot", 0 < len(restored) < len(ledger)),
        say("restored is an exact prefix", is_exact_prefix(restored, ledger)),
        say("control: one vote taken out is noticed", not is_exact_prefix(control, ledger)),
    ]
    actions.close_voting(conference=conference)
    site.restore(file, "drill_all")
    everything = {v.voter: v.candidate for v in ledger}
    return [*passed, say("with the binary log, every vote is there", votes_in("drill_all") == everything)]


def as_written(site: Site, file: Path) -> dict[int, int]:
    """The backup alone, without what the binary log adds: restored up to its own time."""
    sys.path.insert(0, str(settings.BASE_DIR / "deploy"))
    from backups import beside, unpack

    admin = beside.administrator(settings.DATABASES["default"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE drill_alone")
    unpack.load_backup(file, site.key, admin | {"NAME": "drill_alone"}, media=None)
    return votes_in("drill_alone")


def before_a_wrong_delete(site: Site) -> list[bool]:
    file, before = site.backup(), votes_in(LIVE)
    time.sleep(2.1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM voting_vote")
    deleted_at = int(time.time())
    until = datetime.fromtimestamp(deleted_at - 1, UTC).isoformat()
    print(site.restore(file, "drill_before", "--until", until))
    site.restore(file, "drill_after")
    passed = [
        say("one second before the wrong DELETE, every vote is there", votes_in("drill_before") == before),
        say("control: without a time, the DELETE is replayed", votes_in("drill_after") == {}),
        say("the running database was left alone", votes_in(LIVE) == {}),
    ]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO voting_vote SELECT * FROM drill_before.voting_vote")
    return passed


def damage(site: Site) -> list[bool]:
    file = site.backup()
    passed = [say("control: the unharmed backup passes", bool(site.prove()))]
    whole = file.read_bytes()
    harmed = bytearray(whole)
    harmed[len(harmed) // 2] ^= 1
    file.write_bytes(harmed)
    passed.append(say("one flipped bit is found", "has changed" in site.prove(fails=True)))
    file.write_bytes(whole)
    with connection.cursor() as cursor:
        cursor.execute("RENAME TABLE django_session TO elsewhere")
    site.backup()
    found = site.prove(fails=True)
    with connection.cursor() as cursor:
        cursor.execute("RENAME TABLE elsewhere TO django_session")
    passed.append(say("one missing table is found", "missing: django_session" in found))
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(voter_id), candidate_id FROM voting_vote GROUP BY candidate_id LIMIT 2")
        (voter, candidate), (_, other) = cursor.fetchall()
        move = "UPDATE voting_vote SET candidate_id = %s WHERE voter_id = %s"
        cursor.execute(move, [other, voter])
        site.backup()
        found = site.prove(fails=True)
        cursor.execute(move, [candidate, voter])
    passed.append(say("one moved vote is found", "the rows do not give the published tally" in found))
    return passed


def many(site: Site, votes: int) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, unique_checks = 0")
        for table, different in COPIES.items():
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = %s"
                " AND table_name = %s AND generation_expression IS NULL",
                [LIVE, table],
            )
            columns = [name for (name,) in cursor.fetchall()]
            values = ", ".join(different.get(name, f"`{name}`") for name in columns)
            names = ", ".join(f"`{name}`" for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} FROM (SELECT * FROM {table} LIMIT 1) one,"
                f" seq_1_to_{votes}"
            )
    started = time.monotonic()
    file = site.backup()
    written = time.monotonic()
    site.restore(file, "drill_many")
    seconds = time.monotonic() - written
    size = file.stat().st_size >> 20
    print(f"{votes} votes: {size} MB, {written - started:.0f} s to write, {seconds:.0f} s to restore")
    return [
        say("all are there", len(votes_in("drill_many")) == len(votes_in(LIVE))),
        say("in time", seconds <= SECONDS_FOR_A_MILLION * max(1, votes / 1_000_000)),
    ]


def say(what: str, is_so: bool) -> bool:
    print(f"{'ok  ' if is_so else 'FAIL'} {what}", flush=True)
    return is_so


def main() -> None:
    if sys.argv[1:2] not in ([], ["--votes"]):
        sys.exit("usage: deploy/drills/backups.py [--votes N]")
    call_command("migrate", verbosity=0)
    with TemporaryDirectory(prefix="cb-drill-") as folder:
        os.environ["VAR_DIR"] = folder
        site = Site(Path(folder))
        passed = [*under_load(site), *before_a_wrong_delete(site), *damage(site)]
        if sys.argv[1:]:
            passed += many(site, int(sys.argv[2]))
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
