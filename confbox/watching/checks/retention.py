"""Whether what has expired is deleted, as docs/retention.md says."""

import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from accounts.management.commands.tidy import TASK_DAYS
from accounts.unused_pictures import MIN_AGE, unused_pictures
from confbox.watching.backup_files import all_backups
from confbox.watching.findings import Finding, ok, warning
from conferences.api_tokens.ending import KEPT, old_tokens
from conferences.outbox.models import WebhookEvent
from conferences.webhooks.tidying import KEPT_DAYS

# What expires during a day is deleted in the following night; one night may be missed.
SPARE = timedelta(days=2)
BACKUP_DAYS = 14
KEPT_EVENTS = timedelta(days=KEPT_DAYS)
ROW = re.compile(r"^\| (`.+?) \| (.+?) \| (.+?) \|", re.MULTILINE)
# Folders are named by their settings or paths, without quotation marks.
FOLDER = re.compile(r"^\| ([A-Z]+_[A-Z_]+|/[\w/]+) \| .+? \| (.+?) \|", re.MULTILINE)
# The caches of the site, which are tables unless they are in Redis.
STORES = {"cache", "kept", "answers"}


@dataclass(frozen=True)
class Kept:
    """A table or folder that grows, for how long it is kept as stated, how large it is, what is overdue."""

    name: str
    period: str
    number: int
    overdue: int | None = None


def retention() -> Finding:
    overdue = {name: number for name, number in overdue_rows().items() if number}
    if not overdue:
        return ok(_("What has expired is deleted."), 0)
    tables = ", ".join(f"{name} ({number})" for name, number in overdue.items())
    said = _("Expired rows or files are still there: %(tables)s. Find out why %(service)s failed.")
    return warning(
        said % {"tables": tables, "service": "conferencebox-nightly.service"}, sum(overdue.values())
    )


def overdue_rows() -> dict[str, int]:
    since = timezone.now() - SPARE
    sessions = Session.objects.filter(expire_date__lt=since)
    log_ins = UserSession.objects.filter(last_seen_at__lt=since - _longest_log_in())
    tasks = DBTaskResult.objects.filter(finished_at__lt=since - timedelta(days=TASK_DAYS))
    return {
        "django_session": sessions.count(),
        "usersessions_usersession": log_ins.count(),
        "django_tasks_database_dbtaskresult": tasks.count(),
        "conferences_webhookevent": WebhookEvent.objects.filter(at__lt=since - KEPT_EVENTS).count(),
        **{table: _expired(table, since.replace(tzinfo=None)) for table in _stores()},
        "conferences_apitoken": old_tokens(for_longer_than=KEPT + SPARE).count(),
        "pictures": len(unused_pictures(min_age=MIN_AGE + SPARE)),
        "backups": sum(_days_old(file) > BACKUP_DAYS + SPARE.days for file in _backups()),
    }


def _longest_log_in() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _stores() -> set[str]:
    return {
        str(store["LOCATION"])
        for store in settings.CACHES.values()
        if str(store["BACKEND"]).endswith("DatabaseCache")
    }


def _expired(table: str, since: datetime) -> int:
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(table)
        cursor.execute(f"SELECT COUNT(*) FROM {name} WHERE expires < %s", [since])  # noqa: S608
        return int(cursor.fetchone()[0])


def _backups() -> list[Path]:
    return all_backups(Path(settings.BACKUP_DIR))


def _days_old(file: Path) -> float:
    return (time.time() - file.stat().st_mtime) / 86400


def what_is_kept() -> list[Kept]:
    """Every table of docs/retention.md, and the folders. Counts all rows, so it takes a while."""
    overdue, text = overdue_rows(), (settings.BASE_DIR / "docs/retention.md").read_text()
    stated = [
        (name, period)
        for names, _content, period in ROW.findall(text)
        for name in re.findall(r"`(\w+)`", names)
        if name not in STORES or name in overdue
    ]
    tables = [Kept(name, period, _rows(name), overdue.get(name)) for name, period in stated]
    return [*tables, *_folders(text, overdue)]


def _folders(text: str, overdue: dict[str, int]) -> list[Kept]:
    late = {"MEDIA_ROOT": overdue["pictures"], "BACKUP_DIR": overdue["backups"]}
    return [
        Kept(str(folder), period, _files(folder), late.get(name))
        for name, period in FOLDER.findall(text)
        if (folder := Path(getattr(settings, name, name))).is_dir()
    ]


def _files(folder: Path) -> int:
    return sum(1 for file in folder.rglob("*") if file.is_file())


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
        return int(cursor.fetchone()[0])
