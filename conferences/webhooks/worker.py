"""The process of `manage.py work` that sends to webhooks: many at once, so that a slow one holds up no other.

Threads send, and this process alone uses the database. It ends when nothing is due; another one begins when
something is.
"""

import math
import signal
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from confbox.kit.forking import Forks
from conferences.webhooks.sending import Job, Tried, claim_next, due, due_endpoints, record, release, send

AT_ONCE = 16
# Then other endpoints get their turn.
MESSAGES_IN_A_ROW = 20
WAIT_SECONDS = 0.5


class WebhookSender:
    def __init__(self) -> None:
        self.sending: dict[Future[Tried | None], Job] = {}
        self.in_a_row: Counter[int] = Counter()
        self.is_ending = False
        self.looked_at = -math.inf

    def end(self, *_signal: Any) -> None:
        """Begins nothing more; what is being sent is recorded."""
        self.is_ending = True

    def run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while True:
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
        for endpoint_id in idle[: AT_ONCE - len(self.sending)]:
            self._send(claim_next(endpoint_id), threads)

    def _send(self, job: Job | None, threads: ThreadPoolExecutor) -> bool:
        if job:
            self.sending[threads.submit(send, job)] = job
        return job is not None

    def _finish(self, sent: Future[Tried | None], threads: ThreadPoolExecutor) -> None:
        job, tried = self.sending.pop(sent), sent.result()
        self.in_a_row[job.endpoint_id] += 1
        may_go_on = tried is not None and record(tried) and not self.is_ending
        is_in_turn = self.in_a_row[job.endpoint_id] < MESSAGES_IN_A_ROW
        if may_go_on and is_in_turn and self._send(claim_next(job.endpoint_id, held=job.claim), threads):
            return
        del self.in_a_row[job.endpoint_id]
        release(job.endpoint_id, job.claim)


def send_waiting() -> None:
    sender = WebhookSender()
    signal.signal(signal.SIGTERM, sender.end)
    sender.run()


def begin_sending(forks: Forks) -> None:
    """Begins the process if something is due, which is one query."""
    if due().exists():
        forks.begin("webhooks", send_waiting)
