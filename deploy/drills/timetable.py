#!/usr/bin/env python3
"""Does each email of the timetable go out once, at its time? Real workers on a clock that jumps.

    deploy/with-mariadb .venv/bin/python deploy/drills/timetable.py [--control row | claim] [--seed 1]

Three weeks of thirty conferences, with votes of twelve hours to ten days, are played in some minutes, on a
clock that Django and MariaDB read. It jumps by minutes and by hours over the time of an email, stands still
and goes back, and is fifty hours ahead when all workers come back from the dead. Two processes
`manage.py work` with two workers each are killed with SIGKILL meanwhile, in the middle of an email too.
Deadlines are moved, votes closed early, conferences cancelled, speakers chosen. Before each reminder the
workers are frozen while members vote whose email is in the queue already.

What a mail server has received is compared with what each person should have got, which is computed here, by
the rules of the handbook: each email exactly once (or shown as uncertain), at its time, or late and saying
so, or skipped with a row that says so, and none to a member who has voted before their email was claimed.

--control row    the row for each conference and kind is taken out: emails must be sent twice
--control claim  who has voted is not asked at the claim: a member who has voted must get an email
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import timetable_cast as cast
from processes import free_port
from site_under_test import ROOT, environment_of_workers, require_mariadb, set_up_database
from timetable_clock import Clock, make_function, now, take_over
from timetable_expected import reminder_due
from timetable_judge import Judge
from timetable_rows import failures, skipped, uncertain
from timetable_workers import Workers

HERE = Path(__file__).resolve().parent
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SETTLE_SECONDS, PATIENCE_SECONDS = 18.0, 9.0
WAYS = ("walk", "minutes", "hours", "dead", "stands", "back")
LAST_VOTES = "votes at the last second"
MUST_FAIL = {"row": "more than once", "claim": "to somebody who had voted"}


class Drill:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder, self.random = options, folder, random.Random(options.seed)
        self.log, self.port = folder / "received", free_port()
        self.log.touch()
        self.did: Counter[str] = Counter()
        self.workers = Workers(folder, self.log, self.random, self.did)
        self.sink: subprocess.Popen | None = None
        # Emails of which no one knows whether they were sent, and how many others have not come.
        self.unsure: set[tuple[str, str]] = set()
        self.missed = 0
        self.failed: Counter[str] = Counter()
        os.environ |= environment_of_workers(folder, self.port)
        os.environ |= {"CLOCK_FILE": str(folder / "clock"), "CONTROL": options.control or ""}
        self.clock = Clock()

    def set_up(self) -> None:
        sys.path.insert(0, str(ROOT))
        take_over()
        set_up_database()
        make_function()
        self.start = datetime.now(UTC).replace(second=0, microsecond=0)
        self.stories = cast.stage(self.start)
        self.hand = cast.Hand(self.stories)
        self.judge = Judge(self.stories, self.clock, self.log)
        sink = [sys.executable, str(HERE / "timetable_sink.py"), str(self.port), str(self.log)]
        self.sink = subprocess.Popen(sink)
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            time.sleep(0.1)
        self.clock.jump_to(self.start + HOUR)

    def run(self) -> None:
        """From one time at which something is due or done to the next."""
        acts = sorted(
            (h, n, name, to) for n, (_o, _l, acts) in cast.CONFERENCES.items() for h, name, to in acts
        )
        others = [(80.3, self.vote), (cast.JOIN_LATE, self.hand.join_late), (cast.FIRST_REQUEST, self.ask)]
        others += [(h, lambda n=n, a=a, to=to: self.hand.act(n, a, to, self.start)) for h, n, a, to in acts]
        others += [(cast.LONG_NIGHT[0], self.long_night)]
        others.sort(key=lambda other: other[0])
        end = self.start + self.options.until * HOUR
        others = [other for other in others if other[0] < self.options.until]
        self.workers.run()
        ways: list[str] = []
        while (due := self.next_due(end)) < end or others:
            if others and self.start + others[0][0] * HOUR <= due:
                at, act = others.pop(0)
                self.clock.jump_to(max(now(), self.start + at * HOUR))
                act()
                self.settle()
                continue
            ways = ways or self.random.sample(WAYS, len(WAYS))
            self.pass_time(due, ways.pop())
        self.settle()

    def next_due(self, end: datetime) -> datetime:
        """When the next email is due, by the drill's own rules."""
        later = self.judge.expected(end).values()
        return min((e.due for them in later for e in them if e.due > now()), default=end)

    def pass_time(self, due: datetime, way: str) -> None:
        self.did[way] += 1
        if way == "dead":
            self.workers.kill_all()
        self.clock.jump_to(due - 2 * SECOND)
        reminded = [s for s in self.stories.values() if self.is_reminded(s, due)]
        if way in ("hours", "dead"):
            self.clock.jump_to(due + 3 * HOUR)
        elif way == "minutes":
            self.clock.jump_to(due + 7 * MINUTE)
        elif way == "stands":
            time.sleep(2.1)
            self.clock.stop()
        self.workers.run()
        if reminded:
            self.vote_at_the_last_second(reminded)
        else:
            time.sleep(self.random.uniform(1, 2))
        self.workers.kill_some()
        self.settle()
        if way == "stands":
            self.clock.go_on()
        elif way == "back":
            self.clock.jump_to(now() - MINUTE)
            time.sleep(2)
        # What a dead worker had begun is taken up again after a quarter of an hour.
        self.clock.jump_to(now() + 16 * MINUTE)
        self.settle()

    def is_reminded(self, story: cast.Story, due: datetime) -> bool:
        closes = story.moves[-1][1] if story.moves else story.closes
        return reminder_due(story, closes) == due and not story.cancelled

    def vote(self) -> None:
        for story in self.stories.values():
            if story.opens < now():
                self.hand.vote(story, "voted")
        # The others open six hours later, and these members vote then.
        self.voted_later = [s for s in self.stories.values() if "voted" not in s.voted]

    def ask(self) -> None:
        """Three requests within the hour are two digests."""
        for story in self.voted_later:
            if not story.cancelled:
                self.hand.vote(story, "voted")
        story = self.stories[cast.WITH_REQUESTS]
        story.digests.append(self.hand.ask_for_campaign(story, "candidate"))
        self.settle()
        told = now()
        for who in ("idle", "opted_out"):
            self.clock.jump_to(now() + 10 * MINUTE)
            self.hand.ask_for_campaign(story, who)
        story.digests.append(told + HOUR)

    def vote_at_the_last_second(self, stories: list[cast.Story]) -> None:
        """While all workers are frozen, members vote whose email is in the queue but not claimed."""
        from voting.campaigns.models import Delivery

        waiting = {s.slug: s for s in stories}
        queued = Delivery.objects.filter(campaign__kind="closessoon", status="queued")
        started = time.monotonic()
        while waiting and time.monotonic() - started < SETTLE_SECONDS:
            self.workers.freeze()
            here = queued.filter(campaign__conference__slug__in=waiting)
            found = here.filter(recipient__user__email__startswith="last.")
            for slug in set(found.values_list("campaign__conference__slug", flat=True)):
                self.hand.vote(waiting.pop(slug), "last")
                self.did[LAST_VOTES] += 1
            time.sleep(0.2)
        self.workers.unfreeze()

    def long_night(self) -> None:
        self.workers.kill_all()
        self.clock.jump_to(self.start + cast.LONG_NIGHT[1] * HOUR)
        self.settle()

    def settle(self) -> None:
        """Waits until all that is due has arrived and nothing is in the queue, up to a limit."""
        self.workers.run()
        started, missing = time.monotonic(), -1
        while time.monotonic() - started < SETTLE_SECONDS:
            time.sleep(1.2)
            before, missing = missing, self.judge.missing(now())
            is_stuck = missing == before and time.monotonic() - started > PATIENCE_SECONDS
            if not self.has_work() and (missing <= self.missed or is_stuck):
                break
        self.missed = missing
        self.unsure |= uncertain()
        # The most at one time, because they are deleted in the end.
        self.failed |= Counter({f"failed: {name}": number for name, number in failures().items()})
        hours = (now() - self.start) / HOUR
        print(f"{hours:8.2f} h, {missing} missing", file=sys.stderr, flush=True)

    def has_work(self) -> bool:
        from django_tasks_db.models import DBTaskResult

        from voting.campaigns.models import Campaign

        tasks = DBTaskResult.objects.filter(status__in=["READY", "RUNNING"])
        return tasks.exists() or Campaign.objects.filter(status__in=["approved", "sending"]).exists()

    def verdict(self) -> int:
        faults = self.judge.judge(now(), time.time(), skipped=skipped(), unsure=self.unsure)
        if not self.did[LAST_VOTES]:
            faults["no member voted at the last second"] = []
        emails = self.judge.received()
        print(f"{'conferences':<26}{len(self.stories)}")
        print(f"{'emails received':<26}{sum(map(len, emails.values()))}")
        for kind, number in sorted(Counter(k for (k, _), es in emails.items() for _ in es).items()):
            print(f"  {kind:<24}{number}")
        print(f"{'skipped as too late':<26}{len(skipped())}")
        print(f"{'shown as uncertain':<26}{len(self.unsure)}")
        for what, number in sorted((self.did + self.failed).items()):
            print(f"{what:<26} {number}")
        for name, lines in faults.items():
            print(f"{name}: {len(lines)}", *lines[:12], sep="\n    ")
        if control := self.options.control:
            failed = MUST_FAIL[control] in faults
            answer = "failed as it must" if failed else "DID NOT FAIL"
            print(f"control {control}: {answer}: {MUST_FAIL[control]}")
            return 0 if failed else 1
        if faults:
            print((self.folder / "work.log").read_text()[-20_000:], file=sys.stderr)
        print(f"FAILED: {', '.join(faults)}" if faults else "passed")
        return 1 if faults else 0

    def end(self) -> None:
        self.workers.kill_all()
        if self.sink:
            self.sink.terminate()
            self.sink.wait(20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--control", choices=MUST_FAIL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=float, default=cast.END, help="hours to play, instead of 500")
    require_mariadb()
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        drill = Drill(options, Path(folder))
        try:
            drill.set_up()
            try:
                drill.run()
            except KeyboardInterrupt:
                print("Interrupted. So far:")
            return drill.verdict()
        finally:
            drill.end()


if __name__ == "__main__":
    sys.exit(main())
