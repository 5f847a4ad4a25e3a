"""A line in the log for each query that takes long, with its places for values but without the values.

Queries that fail are counted.
"""

import logging
import math
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from confbox.kit.counters import count

LONGEST_SQL = 500
logger = logging.getLogger(__name__)


def count_error(error: Exception) -> None:
    """By the code of MariaDB; SQLite has none."""
    code = error.args[0] if error.args else ""
    count("database_errors", str(code) if isinstance(code, int) else "sqlite")


def watch_queries(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Also called when a lost connection is opened again."""
    if watch_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch_query)


def watch_query(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    began = time.monotonic()
    try:
        return execute(sql, params, many, context)
    except OperationalError as error:
        count_error(error)
        raise
    finally:
        seconds = time.monotonic() - began
        if seconds * 1000 >= (settings.SLOW_QUERY_MS or math.inf):
            line = " ".join(sql.split())[:LONGEST_SQL]
            logger.warning("event=slow-query seconds=%.2f sql=%s", seconds, line)
