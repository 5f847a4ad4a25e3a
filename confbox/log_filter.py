"""Filters the application's log: no secrets from URLs, and an outage only once a minute."""

import fcntl
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from confbox.outage import is_database_away

EVERY_SECONDS = 60
REPEATED = {429, 503}
WHOLE_URL = re.compile(r"(https?://[^/\s]+)/\S*")


class LogFilter(logging.Filter):
    """In `folder` the processes of this host leave a note for each other of what was logged last."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def filter(self, record: logging.LogRecord) -> bool:
        if self._is_of_outage(record):
            return self._shorten(record)
        status = getattr(record, "status_code", 0)
        if status in REPEATED and not self._is_first("refused"):
            return False
        name_route(record)
        return True

    def _is_of_outage(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        while error is not None:
            if is_database_away(error):
                return True
            error = error.__cause__ or error.__context__
        return False

    def _shorten(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = (
            "The database does not answer (%s). This is written once a minute.",
            (error,),
        )
        record.exc_info = record.exc_text = None
        return self._is_first("outage")

    def _is_first(self, what: str) -> bool:
        """Whether no process of this host has logged it within the last minute; asked one after the other.

        The note is empty, and its time is what counts: on a full disk, nothing could be written into it.
        """
        with suppress(OSError), _opened(self.folder / f"journal-{what}") as (note, is_new):
            fcntl.flock(note, fcntl.LOCK_EX)
            if not is_new and time.time() - os.fstat(note).st_mtime < EVERY_SECONDS:
                return False
            os.utime(note)
        return True


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, bool]]:
    """A descriptor, and whether the file was made for it."""
    try:
        file, is_new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), True
    except FileExistsError:
        file, is_new = os.open(path, os.O_WRONLY), False
    try:
        yield file, is_new
    finally:
        os.close(file)


def name_route(record: logging.LogRecord) -> None:
    """Logs the route instead of the path, which can contain a secret or a person's ID."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if not path or not isinstance(record.args, tuple):
        return
    match = getattr(request, "resolver_match", None)
    route = f"/{match.route}" if match else "(no route)"
    escaped = path.encode("unicode_escape").decode("ascii")
    record.args = tuple(_without_path(a, {path, escaped}, route) for a in record.args)


def _without_path(argument: Any, paths: set[str], route: str) -> Any:
    """A reason can name the previous page, as the refusal of a form from another site does."""
    if not isinstance(argument, str):
        return argument
    return route if argument in paths else WHOLE_URL.sub(r"\1/...", argument)
