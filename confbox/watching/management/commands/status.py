import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error

from confbox.kit.bounded_database import bound_database
from confbox.kit.counters import folder_for, totals
from confbox.watching.checks.background import waiting_tasks
from confbox.watching.processes import Process, processes
from confbox.watching.running import DATABASE_SECONDS

ROW = "{:<10}{:<18}{:>8}  {:<20}{:>11}{:>10}"


class Command(BaseCommand):
    help = "Shows the processes of this host, since when they run, restarts, memory, and tasks that wait."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        bound_database(DATABASE_SECONDS)
        lines = [ROW.format("kind", "process", "PID", "since (UTC)", "running", "memory")]
        found = processes()
        lines += [_row(each) for each in found] or ["No process of this site runs on this host."]
        lines += ["", *_starts(), *_queues()]
        self.stdout.write("\n".join(lines))


def _row(process: Process) -> str:
    since = datetime.fromtimestamp(process.began_at, UTC)
    hours, seconds = divmod(int(time.time() - process.began_at), 3600)
    running = f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
    memory = f"{process.memory_mb:.0f} MB"
    return ROW.format(
        process.kind, process.name, process.pid, f"{since:%Y-%m-%d %H:%M:%S}", running, memory
    ).rstrip()


def _starts() -> list[str]:
    """Counted since the host, or all units of the site, started."""
    counted = totals(folder_for(settings.VAR_DIR))
    starts = {key[1]: int(figures[0]) for key, figures in counted.items() if key[0] == "process_starts"}
    return [f"{kind}: started {number} times" for kind, number in sorted(starts.items())]


def _queues() -> list[str]:
    if settings.TASKS_REDIS_URL:
        return ["The queue is in Redis: manage.py rqstats shows it."]
    try:
        waiting = waiting_tasks()
    except Error as error:
        return [f"The database does not answer: {error}"]
    return [f"queue {name}: {number} wait, {age:.0f} s the oldest" for name, (number, age) in waiting.items()]
