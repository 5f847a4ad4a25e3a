"""A line in the log for each query that takes long, with its places for values but without the values."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

LONGEST_SQL = 500
logger = logging.getLogger(__name__)


def watch_queries(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Also called when a lost connection is opened again."""
    if settings.SLOW_QUERY_MS and watch_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch_query)


def watch_query(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    began = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.monotonic() - began
        if seconds * 1000 >= settings.SLOW_QUERY_MS:
            line = " ".join(sql.split())[:LONGEST_SQL]
            logger.warning("event=slow-query seconds=%.2f sql=%s", seconds, line)
