import ctypes
import logging
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections
from django.utils import timezone

from confbox.kit.email_failures import retry_later
from confbox.kit.temporary_storage import delete_expired
from conferences.consent.steps import lapse_requests
from conferences.health.worker import note_turn
from conferences.mailboxes import forget_mailboxes
from voting.campaigns.sending.dispatch import dispatch_due
from voting.campaigns.sending.tasks import send_batch
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.roll.actions import freeze_opened_rolls
from voting.rehearsal.playing import Rehearsals
from voting.timetable.sending import send_due_notices

logger = logging.getLogger(__name__)

EVERY = 1.0
TIDY_EVERY = 60.0
# Longer than any task takes: a task that runs for longer was lost with its worker.
LONGEST_TASK = timedelta(minutes=15)
MAX_WAIT_SECONDS = 30.0
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


class Command(BaseCommand):
    help = "Does the background work: keeps workers, campaigns and the publishing of ballots going."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, default=2, help="how many workers (default: 2)")

    def handle(self, *, processes: int, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        commands = [worker_command(number, processes > 1) for number in range(max(1, processes))]
        workers = [spawn(command) for command in commands]
        tidied_at, rehearsals = 0.0, Rehearsals()
        try:
            while True:
                workers = [restarted_if_dead(w, c) for w, c in zip(workers, commands, strict=True)]
                attempt(freeze_opened_rolls)
                attempt(rehearsals.play)
                attempt(publish_closed_ballots)
                attempt(send_due_notices)
                attempt(lambda: dispatch_due(send_batch.enqueue))
                if time.monotonic() - tidied_at > TIDY_EVERY:
                    attempt(note_turn)
                    attempt(tidy)
                    attempt(retry_later)
                    attempt(forget_mailboxes)
                    attempt(lapse_requests)
                    attempt(delete_expired)
                    tidied_at = time.monotonic()
                time.sleep(EVERY)
        except KeyboardInterrupt:
            stop(workers)


def worker_command(number: int, several: bool) -> list[str]:
    """The command of one worker. The first of several sends no campaigns, so that codes never wait."""
    queues = settings.TASK_QUEUES[:-1] if several and number == 0 else settings.TASK_QUEUES
    django = [sys.executable, sys.argv[0]]
    if settings.TASKS_REDIS_URL:
        return [*django, "rqworker", *queues, "--job-class", "django_tasks_rq.Job"]
    return [*django, "db_worker", "--queue-name", ",".join(queues), "--interval", "0.5", "--no-reload"]


def spawn(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, preexec_fn=die_with_parent, start_new_session=True)  # noqa: PLW1509  # no threads here


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


def restarted_if_dead(worker: "subprocess.Popen[bytes]", command: list[str]) -> "subprocess.Popen[bytes]":
    if worker.poll() is None:
        return worker
    logger.warning("A worker ended with %s and is started again.", worker.returncode)
    return spawn(command)


def attempt(step: Any) -> None:
    """Tries the step; if the database is down, the next round does it."""
    try:
        close_old_connections()
        step()
    except Error:
        logger.warning("The database does not answer; trying again.", exc_info=True)


def tidy() -> None:
    """Requeues tasks whose worker was killed, and deletes those that ended long ago."""
    if settings.TASKS_REDIS_URL:
        return
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  # only with this back end

    lost = DBTaskResult.objects.filter(status="RUNNING", started_at__lt=timezone.now() - LONGEST_TASK)
    lost.update(status="READY")
    call_command("prune_db_task_results", min_age_days=1, failed_min_age_days=14, verbosity=0)


def stop(workers: "list[subprocess.Popen[bytes]]") -> None:
    """Lets each worker finish its task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    for worker in workers:
        try:
            worker.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.kill()
