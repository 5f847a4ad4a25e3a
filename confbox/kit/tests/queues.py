"""The queue of tasks in the database, as it is in production without Redis."""

from django.conf import settings

IN_DATABASE = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": settings.TASK_QUEUES},
}
