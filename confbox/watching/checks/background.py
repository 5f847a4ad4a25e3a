"""The background work: whether it runs, and how long its oldest task has waited."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Case, Count, Min, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks_db.models import DBTaskResult

from confbox.kit.clock import database_now
from confbox.watching.findings import Finding, ok, problem, warning
from conferences.health.models import WorkerTurn

# It is seen each minute, and the doctor comes every two: an email is sent within five.
SILENT_AFTER = timedelta(seconds=150)
WARNING_SECONDS, PROBLEM_SECONDS = 120, 600


def worker() -> Finding:
    seen = WorkerTurn.last()
    if seen is None:
        return problem(_("It has never run, so no email is sent. Start conferencebox-worker."))
    seconds = (database_now() - seen).total_seconds()
    if seconds > SILENT_AFTER.total_seconds():
        number = int(seconds / 60)
        said = ngettext(
            "It was last seen %(n)d minute ago, so no email is sent. Start conferencebox-worker.",
            "It was last seen %(n)d minutes ago, so no email is sent. Start conferencebox-worker.",
            number,
        )
        return problem(said % {"n": number}, round(seconds))
    number = max(0, int(seconds))
    said = ngettext("It was last seen %(n)d second ago.", "It was last seen %(n)d seconds ago.", number)
    return ok(said % {"n": number}, round(seconds))


def queues() -> Finding:
    if settings.TASKS_REDIS_URL:
        return ok(_("The queue is in Redis: %(command)s shows it.") % {"command": "manage.py rqstats"})
    waiting = waiting_tasks()
    name, (number, seconds) = max(waiting.items(), key=lambda queue: queue[1][1])
    if seconds < WARNING_SECONDS:
        return ok(_("No task has waited for long."), round(seconds))
    # Two minutes at least.
    said = ngettext(
        "%(n)d task has waited in the queue “%(name)s” for %(minutes)d minutes. "
        "If conferencebox-worker runs, look at what it logs.",
        "%(n)d tasks wait in the queue “%(name)s”, the oldest for %(minutes)d minutes. "
        "If conferencebox-worker runs, look at what it logs.",
        number,
    )
    verdict = problem if seconds >= PROBLEM_SECONDS else warning
    return verdict(said % {"n": number, "name": name, "minutes": seconds / 60}, round(seconds))


def waiting_tasks() -> dict[str, tuple[int, float]]:
    """By queue, how many tasks could begin, and for how many seconds the first of them could have."""
    now = timezone.now()
    found = dict.fromkeys(settings.TASK_QUEUES, (0, 0.0))
    # A task without a time to begin has one in the far future.
    since = Min(Case(When(run_after__lte=now, then="run_after"), default="enqueued_at"))
    ready = DBTaskResult.objects.ready().order_by().values("queue_name")
    for row in ready.annotate(number=Count("pk"), since=since):
        found[row["queue_name"]] = row["number"], max(0.0, (now - row["since"]).total_seconds())
    return found
