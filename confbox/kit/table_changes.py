"""Changes of tables that do not keep the site waiting.

MySQL lets a change of a table wait for every transaction that uses it, and whatever comes after waits for
the change: one forgotten transaction would stop all votes. So the change waits briefly, and is tried again.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.management.base import CommandError
from django.db import Error, OperationalError

CHANGES = ("ALTER ", "CREATE ", "DROP ", "RENAME ")
LOCK_WAIT_TIMEOUT = 1205
# What votes wait at most; the pause lets those go on that have waited.
LOCK_SECONDS, PAUSE_SECONDS = 1, 4.0
KEEP = "SET @before = @@SESSION.lock_wait_timeout"
WAIT_AS_BEFORE = "SET SESSION lock_wait_timeout = @before"
ATTEMPTS = 24
# In the middle of a migration there is no way back.
ATTEMPTS_HALFWAY = 240
GIVES_UP = """Another transaction uses a table that has to change, and does not end. {state}
docs/operators.md says how to find and end it (Upgrading). The change that waits:
{change}"""
UNCHANGED = "This migration has changed nothing yet: try again once it has ended."
HALF_DONE = "This migration is half done: undo the changes before this one by hand before you try again."
logger = logging.getLogger(__name__)


class PatientChanges:
    """For `connection.execute_wrapper`; `begin_migration` comes before each migration."""

    def __init__(self) -> None:
        self.begin_migration()

    def begin_migration(self) -> None:
        self.is_halfway = False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if context["connection"].vendor != "mysql" or not str(sql).lstrip().upper().startswith(CHANGES):
            return execute(sql, params, many, context)
        for _ in range(1, ATTEMPTS_HALFWAY if self.is_halfway else ATTEMPTS):
            with suppress(TableInUseError):
                return self._change(execute, sql, params, many, context)
            logger.warning("Another transaction uses the table; trying again: %s", sql)
            time.sleep(PAUSE_SECONDS)
        try:
            return self._change(execute, sql, params, many, context)
        except TableInUseError as error:
            state = HALF_DONE if self.is_halfway else UNCHANGED
            raise CommandError(GIVES_UP.format(state=state, change=sql)) from error

    def _change(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        for statement in (KEEP, f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}"):
            execute(statement, None, False, context)
        try:
            done = execute(sql, params, many, context)
        except OperationalError as error:
            raise (TableInUseError() if error.args[0] == LOCK_WAIT_TIMEOUT else error) from error
        finally:
            with suppress(Error):
                execute(WAIT_AS_BEFORE, None, False, context)
        self.is_halfway = True
        return done


class TableInUseError(Exception):
    """For longer than the change waits."""
