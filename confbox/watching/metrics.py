"""Figures of the site in Prometheus's text format: what its processes counted, and what the database knows.

No figure names a conference or a person.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate

from django.conf import settings
from django.db import Error
from django.db.models import Count

from confbox.kit.clock import database_now
from confbox.kit.counters import FIGURES, SECONDS, Key, folder_for, totals
from confbox.watching.checks.background import waiting_tasks
from confbox.watching.checks.webhooks import endpoints_by_state, waiting_messages
from confbox.watching.last_findings import last_findings
from confbox.watching.processes import processes
from conferences.health.models import WorkerTurn
from voting.campaigns.models import Delivery

Totals = dict[Key, list[float]]
# The names of the labels of what is counted, and what it is.
COUNTED = {
    "votes": (["outcome"], "Votes that were taken for the first time, moved, unchanged or refused."),
    "retries": (["act"], "Acts that were done again because the database asked for it."),
    "database_errors": (["code"], "Queries and connections that failed, by the code of the database."),
    "process_starts": (["kind"], "Starts of processes; each after the first is a restart."),
    "others": ([], "What did not fit into the table of counts."),
}


def metrics_text() -> str:
    counted = totals(folder_for(settings.VAR_DIR))
    parts = [of_requests(counted), of_counts(counted), of_threads(counted)]
    return (
        "\n".join(line for part in (*parts, of_processes(), of_database(), of_doctor()) for line in part)
        + "\n"
    )


def head(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP conferencebox_{name} {about}", f"# TYPE conferencebox_{name} {kind}"]


def line(name: str, value: float, **labels: str) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"conferencebox_{name}{{{inside}}} {value:g}" if inside else f"conferencebox_{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def of_requests(counted: Totals) -> Iterator[str]:
    yield from head("request_seconds", "histogram", "Requests by route and status, and how long they took.")
    for key, figures in sorted(counted.items()):
        if key[0] == "request_seconds":
            labels = {"route": key[1], "status": key[2]}
            numbers = list(accumulate(figures[: FIGURES - 1]))
            for limit, number in zip((*map(str, SECONDS), "+Inf"), numbers, strict=True):
                yield line("request_seconds_bucket", number, **labels, le=limit)
            yield line("request_seconds_sum", figures[-1], **labels)
            yield line("request_seconds_count", numbers[-1], **labels)


def of_counts(counted: Totals) -> Iterator[str]:
    for name, (labels, about) in COUNTED.items():
        yield from head(f"{name}_total", "counter", about)
        for key, figures in sorted(counted.items()):
            if key[0] == name:
                yield line(f"{name}_total", figures[0], **dict(zip(labels, key[1:], strict=True)))


def of_threads(counted: Totals) -> Iterator[str]:
    busy = counted.get(("requests_in_progress",), [0.0])[0]
    there = sum(figures[0] for key, figures in counted.items() if key[0] == "threads")
    yield from head("threads", "gauge", "Threads of the web servers: at work, or waiting for a request.")
    yield line("threads", busy, state="busy")
    yield line("threads", max(0.0, there - busy), state="waiting")


def of_processes() -> Iterator[str]:
    number: dict[str, int] = defaultdict(int)
    memory: dict[str, float] = defaultdict(float)
    for each in processes():
        number[each.kind] += 1
        memory[each.kind] += each.memory_mb * 1024 * 1024
    yield from head("processes", "gauge", "Processes of this host.")
    yield from (line("processes", value, kind=kind) for kind, value in number.items())
    yield from head("process_memory_bytes", "gauge", "Their memory; what they share is counted once.")
    yield from (line("process_memory_bytes", value, kind=kind) for kind, value in memory.items())


def of_database() -> Iterator[str]:
    found: list[str] = []
    is_up = 1
    try:
        for part in (_tasks, _heartbeat, _deliveries, _webhooks):
            found += part()
    except Error:
        is_up = 0
    yield from head("database_up", "gauge", "Whether the database answers.")
    yield line("database_up", is_up)
    yield from found


def _tasks() -> Iterator[str]:
    if settings.TASKS_REDIS_URL:
        return
    waiting = waiting_tasks()
    yield from head("tasks_waiting", "gauge", "Tasks that could begin, by queue.")
    yield from (line("tasks_waiting", number, queue=queue) for queue, (number, _age) in waiting.items())
    yield from head("oldest_task_seconds", "gauge", "For how long the oldest of them has waited.")
    yield from (line("oldest_task_seconds", age, queue=queue) for queue, (_number, age) in waiting.items())


def _heartbeat() -> Iterator[str]:
    yield from head("worker_seen_seconds", "gauge", "How long ago the background work was last seen.")
    if seen := WorkerTurn.last():
        yield line("worker_seen_seconds", (database_now() - seen).total_seconds())


def _deliveries() -> Iterator[str]:
    yield from head("deliveries", "gauge", "Emails of campaigns, by what became of them.")
    for row in Delivery.objects.order_by().values("status").annotate(number=Count("pk")):
        yield line("deliveries", row["number"], state=row["status"])


def _webhooks() -> Iterator[str]:
    number, seconds = waiting_messages()
    yield from head("webhook_messages_waiting", "gauge", "Messages that webhooks have not accepted yet.")
    yield line("webhook_messages_waiting", number)
    yield from head("oldest_webhook_message_seconds", "gauge", "For how long the oldest of them has waited.")
    yield line("oldest_webhook_message_seconds", seconds)
    yield from head("webhooks", "gauge", "Webhooks that are on, fail or are switched off.")
    yield from (line("webhooks", count, state=state) for state, count in endpoints_by_state().items())


def of_doctor() -> Iterator[str]:
    last = last_findings()
    if last is None:
        return
    about = "What manage.py doctor found last: 0 is well, 1 a warning, 2 a problem."
    yield from head("doctor_age_seconds", "gauge", "How long ago manage.py doctor last ran.")
    yield line("doctor_age_seconds", time.time() - last.at)
    yield from head("check_verdict", "gauge", about)
    yield from (line("check_verdict", verdict, check=name) for name, (verdict, _f) in last.checks.items())
    yield from head(
        "check_figure", "gauge", "Its figure, such as days of the certificate or hours of the backup."
    )
    for name, (_verdict, figure) in last.checks.items():
        if figure is not None:
            yield line("check_figure", figure, check=name)
