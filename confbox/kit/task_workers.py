"""The processes that run tasks: what calls the task queue's library.

With the queue in the database, a worker begins when a task waits, and ends when none is left: while there is
nothing to do, there is none, and one process asks for all. With Redis, workers wait for tasks themselves, so
they are always there.
"""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django_tasks.signals import task_started

from confbox.kit.forking import Forks, show_progress


class TaskWorkers:
    def __init__(self, forks: Forks, number: int) -> None:
        self.forks = forks
        several = number > 1
        self.queues = {f"tasks {n}": queues_of(n, several=several) for n in range(max(1, number))}

    def begin(self) -> None:
        """One worker for each queue in which a task waits, unless all who take it are at work."""
        for queue in waiting_queues():
            takers = [name for name, taken in self.queues.items() if queue in taken]
            idle = [name for name in takers if name not in self.forks.running]
            if idle:
                self.forks.begin(idle[0], run_tasks, self.queues[idle[0]])


def queues_of(number: int, *, several: bool) -> list[str]:
    """The first of several workers sends no campaigns, so that codes never wait."""
    return settings.TASK_QUEUES[:-1] if several and number == 0 else settings.TASK_QUEUES


def waiting_queues() -> list[str]:
    if settings.TASKS_REDIS_URL:
        return settings.TASK_QUEUES
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  # only with this back end

    ready = DBTaskResult.objects.ready().order_by().values_list("queue_name", flat=True)
    return list(ready.distinct())


def run_tasks(queues: list[str]) -> None:
    if settings.TASKS_REDIS_URL:
        call_command("rqworker", *queues, job_class="django_tasks_rq.Job")
    else:
        show_progress()
        task_started.connect(show_task)
        options = {"batch": True, "startup_delay": False, "reload": False}
        call_command("db_worker", queue_name=",".join(queues), **options)


def show_task(**_: Any) -> None:
    """A worker that is at the same task for too long hangs. Those for Redis are watched by their library."""
    show_progress()
