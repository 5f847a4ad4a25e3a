"""A clock that the drill of the timetable sets: for Django, for MariaDB, and for the mail server.

    timetable_clock.py work ...

It is also `manage.py` on that clock. `CLOCK_FILE` names the file that all of them read: whether the clock
stands, and either its time or how far it is ahead, in microseconds. `CONTROL` takes a protection out:

row    what has been sent is remembered by each process and not by a row
claim  who has voted meanwhile is not asked when an email is claimed
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

RUNS, STANDS = 0, 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# By the server's own time, whatever its time zone; SYSDATE is the time at which a row is read.
FUNCTION = """
CREATE FUNCTION drill_now() RETURNS DATETIME(6) NOT DETERMINISTIC READS SQL DATA
BEGIN
  DECLARE setting VARCHAR(60) DEFAULT CONVERT(LOAD_FILE('{file}') USING utf8mb4);
  DECLARE microseconds BIGINT DEFAULT CAST(SUBSTRING_INDEX(setting, ' ', -1) AS INTEGER);
  IF setting LIKE '1 %' THEN
    RETURN TIMESTAMPADD(MICROSECOND, microseconds, '1970-01-01');
  END IF;
  RETURN TIMESTAMPADD(MICROSECOND, microseconds, SYSDATE(6));
END
"""


def file_of_clock() -> Path:
    return Path(os.environ["CLOCK_FILE"])


def frozen_file() -> Path:
    """While it is there, no worker is begun."""
    return file_of_clock().with_name("frozen")


def now() -> datetime:
    kind, _, microseconds = file_of_clock().read_text().partition(" ")
    real = 0.0 if int(kind) == STANDS else time.time()
    return EPOCH + timedelta(seconds=real, microseconds=int(microseconds))


class Clock:
    """As the drill sets it. `past` has each setting with the real time from which it was valid."""

    def __init__(self) -> None:
        self.past: list[tuple[float, int, int]] = []
        self._set(RUNS, 0)

    def jump_to(self, when: datetime) -> None:
        self._set(RUNS, _microseconds(when - EPOCH) - round(time.time() * 1e6))

    def stop(self) -> None:
        self._set(STANDS, _microseconds(now() - EPOCH))

    def go_on(self) -> None:
        self.jump_to(now())

    def at(self, real: float) -> datetime:
        """What it showed at that time."""
        kind, microseconds = next((k, m) for since, k, m in reversed(self.past) if since <= real)
        return EPOCH + timedelta(seconds=0.0 if kind == STANDS else real, microseconds=microseconds)

    def seconds_between(self, start: datetime, end: datetime, until: float) -> float:
        """For how many real seconds it showed a time between these."""
        total = 0.0
        for number, (since, kind, microseconds) in enumerate(self.past):
            to = self.past[number + 1][0] if number + 1 < len(self.past) else until
            if kind == STANDS:
                total += (to - since) * (start <= self.at(since) < end)
                continue
            ahead = microseconds / 1e6
            first, last = (((t - EPOCH).total_seconds() - ahead) for t in (start, end))
            total += max(0.0, min(to, last) - max(since, first))
        return total

    def _set(self, kind: int, microseconds: int) -> None:
        path = file_of_clock()
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{kind} {microseconds}")
        fresh.replace(path)
        self.past.append((time.time(), kind, microseconds))


def _microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def take_over() -> None:
    """Before Django's models are loaded, because they take over its clock as a default."""
    from django.utils import timezone

    from confbox.kit import clock

    timezone.now = now
    clock.CLOCK["mysql"] = "drill_now()"


def make_function() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(FUNCTION.format(file=file_of_clock()))


def remember_in_the_process() -> None:
    """Instead of a row: a second process, or the same one after a crash, does not know."""
    from voting.timetable import sending

    sent: set[tuple[int, str, int]] = set()

    def send(kind, election):
        due = [o for o in kind.occasions(election) if o.due_at <= election.now]
        due = [o for o in due if (election.pk, kind.code, o.number) not in sent]
        if not due or not kind.is_for(election):
            return []
        outcome, _reason = sending.outcome_of(kind, election, min(o.due_at for o in due))
        if outcome != sending.Outcome.SKIPPED:
            sending.release(kind, election, due)
        sent.update((election.pk, kind.code, o.number) for o in due)
        return []

    sending._send = send  # noqa: SLF001


def ask_no_one_at_the_claim() -> None:
    from voting.campaigns.sending import batches

    batches._skip_the_unwilling = lambda campaign, ids: None  # noqa: SLF001


def begin_none_while_frozen() -> None:
    from confbox.kit.task_workers import TaskWorkers

    begin = TaskWorkers.begin
    TaskWorkers.begin = lambda workers: None if frozen_file().exists() else begin(workers)


if __name__ == "__main__":
    take_over()
    import django

    django.setup()
    from voting.management.commands import work

    # The days of the drill are short.
    work.TIDY_EVERY = 1.0
    begin_none_while_frozen()
    control = os.environ.get("CONTROL", "")
    if control == "row":
        remember_in_the_process()
    if control == "claim":
        ask_no_one_at_the_claim()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
