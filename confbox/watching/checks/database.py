"""The database: whether what was stored is on disk, its clock, its tables."""

import os
import time
from datetime import UTC, datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.clock import database_now
from confbox.watching.findings import Finding, ok, problem, warning

DURABLE = {"innodb_flush_log_at_trx_commit": "1", "sync_binlog": "1", "log_bin": "ON"}
# Of conferencebox-heavy, and of `manage.py work` with its workers.
OTHER_THREADS = 32 + 4
FULL_SYNCHRONOUS = 2
CLOCK_WARNING_SECONDS, CLOCK_PROBLEM_SECONDS = 1.0, 5.0


def database_answers() -> Finding:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    seconds = time.monotonic() - began
    return ok(_("It answers within %(n)d ms.") % {"n": max(1, seconds * 1000)}, round(seconds, 4))


def durability() -> Finding:
    return _of_sqlite() if connection.vendor == "sqlite" else of_variables(_variables())


def _of_sqlite() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        level = cursor.fetchone()[0]
    if level < FULL_SYNCHRONOUS:
        return problem(_("A vote can be lost in a power failure: SQLite’s “synchronous” is not FULL."), level)
    return ok(_("What was stored is on disk."), level)


def _variables() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL VARIABLES")
        return dict(cursor.fetchall())


def of_variables(values: dict[str, str]) -> Finding:
    """Also the number of connections, without which a rush is refused."""
    wrong = [
        f"{name} = {values.get(name, '?')}" for name, good in DURABLE.items() if values.get(name) != good
    ]
    most, needed = int(values.get("max_connections", 0)), _connections_needed()
    if wrong:
        said = _("A vote can be lost in a power failure, because of: %(variables)s. See %(file)s.")
        file = "deploy/mariadb/conferencebox.cnf"
        return problem(said % {"variables": ", ".join(wrong), "file": file}, len(wrong))
    if most < needed:
        said = _("max_connections is %(most)d, and this host alone can need %(needed)d.")
        return warning(said % {"most": most, "needed": needed}, most)
    return ok(_("What was stored is on disk, and there are enough connections."), most)


def _connections_needed() -> int:
    workers, threads = (int(os.environ.get(n) or d) for n, d in (("WEB_WORKERS", 2), ("WEB_THREADS", 12)))
    return workers * threads + OTHER_THREADS


def clock() -> Finding:
    """Between this host and the database, whose clock decides when voting opens and closes."""
    began = datetime.now(UTC)
    theirs = database_now()
    ended = datetime.now(UTC)
    return of_clocks((theirs - (began + (ended - began) / 2)).total_seconds())


def of_clocks(seconds: float) -> Finding:
    apart = abs(seconds)
    if apart < CLOCK_WARNING_SECONDS:
        return ok(_("The clocks of this host and of the database agree."), round(seconds, 3))
    said = _(
        "The clocks of this host and of the database are %(n).1f seconds apart. Set both with a time service "
        "such as chrony."
    )
    verdict = problem if apart >= CLOCK_PROBLEM_SECONDS else warning
    return verdict(said % {"n": apart}, round(seconds, 3))


def migrations() -> Finding:
    number = unapplied_migrations()
    if not number:
        return ok(_("The tables are those of this version."), 0)
    said = ngettext(
        "%(n)d migration has not been applied. Run: %(command)s",
        "%(n)d migrations have not been applied. Run: %(command)s",
        number,
    )
    return problem(said % {"n": number, "command": "manage.py migrate"}, number)


def unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
