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
from confbox.kit.bounded_database import bound_database
from confbox.kit.clock import database_now
from confbox.kit.counters import begin_to_count_here
from confbox.kit.email_failures import retry_later
from confbox.kit.forking import Forks, show_progress
from confbox.kit.lost_tasks import LONGEST_TASK, requeue_lost_tasks
from confbox.kit.systemd import notify_systemd
from confbox.kit.task_workers import TaskWorkers
from confbox.kit.temporary_storage import delete_expired
from conferences.api_tokens.ending import remind_owners
from conferences.consent.steps import lapse_requests
from conferences.health.worker import note_turn
from conferences.mailboxes import forget_mailboxes
from conferences.webhooks.tidying import delete_old_events
from conferences.webhooks.worker import begin_sending
from voting.campaigns.bounces.taking import forget_old_bounces
from voting.campaigns.sending.dispatch import dispatch_due, has_campaigns_to_dispatch
from voting.campaigns.sending.tasks import send_batch
from voting.elections.election.models import Election
from voting.elections.receipts.actions import publish_closed_ballots, unlink_overdue_voters
from voting.elections.roll.actions import freeze_opened_rolls
from voting.rehearsal.playing import has_rehearsals, play_rehearsals
from voting.timetable.sending import find_due, send_due_notices

# Whether an email waits is one query; what follows from the times of conferences takes more.
TASKS_EVERY, CAMPAIGNS_EVERY, TIMES_EVERY, REHEARSALS_EVERY, TIDY_EVERY = 0.5, 1.0, 2.0, 4.0, 60.0
BETWEEN_TURNS = 1.0
# Of the process that only asks. The driver waits twice as long for an answer, and each part asks for several;
# systemd's watchdog would end it after a minute.
DATABASE_SECONDS = 5
# No task and no step takes longer.
HANGS_AFTER_TURNS = int(LONGEST_TASK.total_seconds() / TASKS_EVERY)
Step = Callable[[], object]
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does the background work: keeps workers, campaigns and the publishing of ballots going."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, default=2, help="how many workers at most (default: 2)")

    def handle(self, *, processes: int, **options: Any) -> None:
        """It only asks, and keeps the others: no email waits for the time that counting a vote takes."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        begin_to_count_here("work")
        bound_database(DATABASE_SECONDS)
        forks = Forks()
        workers, turns = TaskWorkers(forks, processes), all_turns()
        notify_systemd("READY=1")
        try:
            while True:
                look_after(forks, workers, turns)
                time.sleep(TASKS_EVERY)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            forks.stop()


def look_after(forks: Forks, workers: TaskWorkers, turns: list["Turn"]) -> None:
    """Begins what is to run. Each part asks the database, and may have to wait for it."""
    forks.forget_ended()
    for part in (
        partial(begin_workers, forks, workers),
        partial(begin_sending, forks),
        partial(begin_turns, forks, turns),
    ):
        notify_systemd("WATCHDOG=1")
        attempt(part)


def begin_workers(forks: Forks, workers: TaskWorkers) -> None:
    workers.begin()
    # Only if the database has answered: without it, they all wait.
    forks.kill_what_hangs(HANGS_AFTER_TURNS)


def begin_turns(forks: Forks, turns: list["Turn"]) -> None:
    if "turns" not in forks.running and (due := [turn for turn in turns if turn.is_due()]):
        forks.begin("turns", take_turns, turns, due)


class Turn:
    """What is done if a question is answered with yes, and how soon it is asked again after a no."""

    def __init__(self, seconds: float, steps: list[Step], question: Callable[[], bool] | None = None) -> None:
        self.seconds, self.steps, self.question = seconds, steps, question
        self.rests_until = -math.inf

    def is_due(self) -> bool:
        if time.monotonic() < self.rests_until:
            return False
        is_due = self.question is None or is_yes(self.question)
        if self.question is None or not is_due:
            self.rests_until = time.monotonic() + self.seconds
        return is_due


def all_turns() -> list[Turn]:
    dispatch = partial(dispatch_due, send_batch.enqueue)
    # Each minute also for campaigns that are no longer sent: a worker may have died over one of their emails.
    tidying: list[Step] = [note_turn, tidy, dispatch, forget_mailboxes, retry_later, lapse_requests]
    tidying += [unlink_overdue, delete_expired, forget_old_bounces, remind_owners, delete_old_events]
    by_the_clock: list[Step] = [freeze_opened_rolls, publish_closed_ballots, send_due_notices]
    return [
        Turn(TIMES_EVERY, by_the_clock, is_something_due),
        Turn(REHEARSALS_EVERY, [play_rehearsals], has_rehearsals),
        Turn(CAMPAIGNS_EVERY, [dispatch], has_campaigns_to_dispatch),
        Turn(TIDY_EVERY, tidying),
    ]


def is_something_due() -> bool:
    elections = Election.objects
    is_election = elections.roll_is_due().exists() or elections.publication_is_due().exists()
    return is_election or bool(find_due(database_now()))


def take_turns(turns: list[Turn], due: list[Turn]) -> None:
    """Until nothing is due."""
    while due:
        for turn in due:
            for step in turn.steps:
                show_progress()
                attempt(step)
        time.sleep(BETWEEN_TURNS)
        due = [turn for turn in turns if turn.is_due()]


def is_yes(question: Callable[[], bool]) -> bool:
    """A question that fails for another reason than the database is one for the process that can be lost."""
    try:
        return attempt(question) is True
    except Exception:
        logger.exception("It cannot be asked what is due.")
        return True


def attempt(step: Step) -> object:
    """Tries the step; if the database is down, a later turn does it."""
    try:
        close_old_connections()
        return step()
    except Error:
        logger.warning("The database does not answer; trying again.", exc_info=True)
        return None


def unlink_overdue() -> None:
    unlink_overdue_voters(by=Actor.of_command())


def tidy() -> None:
    """Requeues tasks whose worker was killed, and deletes those that ended long ago."""
    if settings.TASKS_REDIS_URL:
        return
    requeue_lost_tasks()
    call_command("prune_db_task_results", min_age_days=1, failed_min_age_days=14, verbosity=0)
