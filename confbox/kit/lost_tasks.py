"""Tasks whose worker was killed, or seems to have been, are done again."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from confbox.kit.email_failures import LostError, name_of

# Longer than any task takes.
LONGEST_TASK = timedelta(minutes=15)


def requeue_lost_tasks() -> int:
    """Each as a new task. Returns how many.

    Its worker may only have been frozen with its machine: when it goes on, it stores what became of the old
    task, and would mark the new one as successful although nothing was done.
    """
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415  # only with this back end

    lost = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LONGEST_TASK)
    return sum(_requeue(row) for row in lost)


def _requeue(row: Any) -> int:
    running = type(row).objects.running().filter(pk=row.pk, started_at=row.started_at)
    lost = {"finished_at": timezone.now(), "exception_class_path": name_of(LostError)}
    with transaction.atomic():
        # Another host may have requeued it.
        if not running.update(status="FAILED", **lost):
            return 0
        row._state.adding, row.pk, row.status = True, None, "READY"  # noqa: SLF001
        row.save(force_insert=True)
    return 1
