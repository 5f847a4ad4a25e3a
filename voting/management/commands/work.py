import logging
import math
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from accounts.actors import Actor
from confbox.kit.counters import begin_to_count_here
from confbox.kit.email_failures import retry_later
from confbox.kit.forking import Forks
from confbox.kit.lost_tasks import requeue_lost_tasks
from confbox.kit.task_workers import TaskWorkers
from confbox.kit.temporary_storage import delete_expired
from conferences.consent.steps import lapse_requests
from conferences.health.worker import note_turn
from conferences.mailboxes import forget_mailboxes
from voting.campaigns.bounces.taking import forget_old_bounces
from voting.campaigns.sending.dispatch import dispatch_at_once, dispatch_due
from voting.campaigns.sending.tasks import send_batch
from voting.elections.receipts.actions import publish_closed_ballots, unlink_overdue_voters
from voting.elections.roll.actions import freeze_opened_rolls
from voting.rehearsal.playing import Rehearsals
from voting.timetable.sending import send_due_notices

logger = logging.getLogger(__name__)

# Whether an email waits is one query; what follows from the times of conferences takes more.
TASKS_EVERY, CAMPAIGNS_EVERY, TIMES_EVERY, TIDY_EVERY = 0.5, 1.0, 2.0, 60.0
Step = Callable[[], object]


class Command(BaseCommand):
    help = "Does the background work: keeps workers, campaigns and the publishing of ballots going."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, default=2, help="how many workers at most (default: 2)")

    def handle(self, *, processes: int, **options: Any) -> None:
        """It only keeps the others, so that no email waits for the time that counting a vote takes."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        begin_to_count_here("work")
        forks = Forks()
        workers = TaskWorkers(forks, processes)
        try:
            while True:
                forks.forget_ended()
                forks.begin("turns", take_turns)
                attempt(workers.begin)
                time.sleep(TASKS_EVERY)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            forks.stop()


def take_turns() -> None:
    # Each minute also for campaigns that are no longer sent: a worker may have died over one of their emails.
    tidying: list[Step] = [note_turn, tidy, partial(dispatch_due, send_batch.enqueue), forget_mailboxes]
    expiring: list[Step] = [unlink_overdue, delete_expired, forget_old_bounces]
    turns: list[tuple[float, list[Step]]] = [
        (TIMES_EVERY, [freeze_opened_rolls, publish_closed_ballots, send_due_notices]),
        (CAMPAIGNS_EVERY, [Rehearsals().play, partial(dispatch_at_once, send_batch.enqueue)]),
        (TIDY_EVERY, [*tidying, retry_later, lapse_requests, *expiring]),
    ]
    done_at = [-math.inf] * len(turns)
    while True:
        for number, (seconds, steps) in enumerate(turns):
            if time.monotonic() - done_at[number] >= seconds:
                done_at[number] = time.monotonic()
                for step in steps:
                    attempt(step)
        time.sleep(CAMPAIGNS_EVERY)


def attempt(step: Step) -> None:
    """Tries the step; if the database is down, a later turn does it."""
    try:
        close_old_connections()
        step()
    except Error:
        logger.warning("The database does not answer; trying again.", exc_info=True)


def unlink_overdue() -> None:
    unlink_overdue_voters(by=Actor.of_command())


def tidy() -> None:
    """Requeues tasks whose worker was killed, and deletes those that ended long ago."""
    if settings.TASKS_REDIS_URL:
        return
    requeue_lost_tasks()
    call_command("prune_db_task_results", min_age_days=1, failed_min_age_days=14, verbosity=0)
