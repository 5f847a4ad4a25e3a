"""The process of `manage.py work` that sends to webhooks: many at once, so that a slow one holds up no other.

Threads send, and this process alone uses the database. It ends when nothing is due; another one begins when
something is.
"""

import logging
import math
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from django.db import Error

from confbox.kit.forking import Forks, show_progress
from conferences.webhooks.sending import (
    Job,
    Tried,
    claim_next,
    due,
    due_endpoints,
    record,
    release,
    rest,
    send,
)

AT_ONCE = 16
# Then other endpoints get their turn, however many messages wait for this one.
MESSAGES_IN_A_ROW = 20
SECONDS_IN_A_ROW = 5.0
WAIT_SECONDS = 0.5
logger = logging.getLogger(__name__)


class WebhookSender:
    def __init__(self) -> None:
        self.sending: dict[Future[Tried | None], Job] = {}
        self.in_a_row: Counter[int] = Counter()
        # Of each endpoint, how many turns it has had, and when the last one began.
        self.turns: Counter[int] = Counter()
        self.began_at: dict[int, float] = {}
        self.is_ending = False
        self.looked_at = -math.inf

    def end(self, *_signal: Any) -> None:
        """Begins nothing more; what is being sent is recorded."""
        self.is_ending = True

    def run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while True:
                show_progress()
                if not self.is_ending:
                    self._begin(threads)
                if not self.sending:
                    return
                for sent in wait(self.sending, WAIT_SECONDS, FIRST_COMPLETED).done:
                    self._finish(sent, threads)

    def _begin(self, threads: ThreadPoolExecutor) -> None:
        is_soon = self.sending and time.monotonic() - self.looked_at < WAIT_SECONDS
        if is_soon or len(self.sending) >= AT_ONCE:
            return
        self.looked_at = time.monotonic()
        at_work = {job.endpoint_id for job in self.sending.values()}
        idle = [pk for pk in due_endpoints() if pk not in at_work]
        # Of those that have had as many turns, the one comes first whose event has waited for longest.
        for endpoint_id in sorted(idle, key=self.turns.__getitem__)[: AT_ONCE - len(self.sending)]:
            self.turns[endpoint_id] += 1
            self.began_at[endpoint_id] = time.monotonic()
            with resting_if_it_fails(endpoint_id):
                self._send(claim_next(endpoint_id), threads)

    def _send(self, job: Job | None, threads: ThreadPoolExecutor) -> bool:
        if job:
            self.sending[threads.submit(send, job)] = job
        return job is not None

    def _finish(self, sent: Future[Tried | None], threads: ThreadPoolExecutor) -> None:
        job = self.sending.pop(sent)
        with resting_if_it_fails(job.endpoint_id):
            if self._goes_on(job, sent.result(), threads):
                return
        del self.in_a_row[job.endpoint_id]
        release(job.endpoint_id, job.claim)

    def _goes_on(self, job: Job, tried: Tried | None, threads: ThreadPoolExecutor) -> bool:
        """Records how it ended, and sends the next message if it is still the turn of this endpoint."""
        self.in_a_row[job.endpoint_id] += 1
        if tried is None or not record(tried) or self.is_ending:
            return False
        is_late = time.monotonic() - self.began_at[job.endpoint_id] >= SECONDS_IN_A_ROW
        if is_late or self.in_a_row[job.endpoint_id] >= MESSAGES_IN_A_ROW:
            return False
        return self._send(claim_next(job.endpoint_id, held=job.claim), threads)


@contextmanager
def resting_if_it_fails(endpoint_id: int) -> Iterator[None]:
    """A failure that no one expects is one of this endpoint alone; without the database, none can be sent."""
    try:
        yield
    except Error:
        raise
    except Exception:
        logger.exception("What waits for the webhook %s cannot be sent.", endpoint_id)
        rest(endpoint_id)


def send_waiting() -> None:
    sender = WebhookSender()
    signal.signal(signal.SIGTERM, sender.end)
    sender.run()


def begin_sending(forks: Forks) -> None:
    """Begins the process if something is due, which is one query."""
    if due().exists():
        forks.begin("webhooks", send_waiting)
