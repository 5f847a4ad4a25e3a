"""The queue of tasks in the database, as it is in production without Redis."""

from django.conf import settings
from django_tasks_db.management.commands.db_worker import Worker

IN_DATABASE = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": settings.TASK_QUEUES},
}
OPTIONS = {"queue_names": ["mail"], "interval": 0, "batch": True, "backend_name": "default"}
OPTIONS |= {"startup_delay": False, "max_tasks": 1, "excluded_queue_names": []}


def work(name="worker", queue="mail"):
    """Runs the next task of this queue, as a worker of this name."""
    Worker(worker_id=name, **OPTIONS | {"queue_names": [queue]}).run()
