"""What people see while the database is down: a page that says so, and when to try again."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from redis import exceptions as redis

from confbox.kit.retries import LOST, NODE_LEFT, RETRYABLE

RETRY_AFTER = "5"
# Error numbers of MySQL and MariaDB: the disk or a table is full.
FULL = {1021, 1026, 1114}
# Error numbers of MySQL and MariaDB: connection refused, lost, cut or timed out; server shutting down, full
# or read-only; a cluster node that has left; a row that stayed locked or was changed in between; a query that
# took too long.
AWAY = {
    *(*LOST, *RETRYABLE, *NODE_LEFT, *FULL),
    *(2004, 1040, 1152, 1203, 1226, 1792, 1969, 4031),
}
# Redis: down or silent; full, read-only or without its master.
AWAY_REDIS = (
    *(redis.ConnectionError, redis.TimeoutError),
    *(redis.OutOfMemoryError, redis.ReadOnlyError, redis.ClusterDownError),
)
# Redis's message when its disk refuses a snapshot; there is no exception class for it.
UNSAVED_REDIS = "MISCONF"
FULL_SQLITE = "is full"
AWAY_SQLITE = ("unable to open", "is locked", "disk i/o", FULL_SQLITE, "readonly")


def is_database_away(error: BaseException | None) -> bool:
    """Also for the Redis that stores sessions and counts in place of the database."""
    if isinstance(error, (InterfaceError, *AWAY_REDIS)):
        return True
    if isinstance(error, redis.ResponseError):
        return str(error).startswith(UNSAVED_REDIS)
    if not isinstance(error, OperationalError) or not error.args:
        return False
    code = error.args[0]
    return code in AWAY if isinstance(code, int) else any(w in str(code).lower() for w in AWAY_SQLITE)


def is_disk_full(error: BaseException | None) -> bool:
    code = error.args[0] if isinstance(error, OperationalError) and error.args else ""
    return code in FULL or FULL_SQLITE in str(code)


def answer_failure(request: HttpRequest) -> HttpResponse:
    """The site's response to an unhandled exception; Django calls it wherever the exception was raised."""
    # Rendered without the request, because the user cannot be looked up now.
    error = sys.exc_info()[1]
    known = {"request_id": getattr(request, "request_id", ""), "is_disk_full": is_disk_full(error)}
    if not is_database_away(error):
        return HttpResponseServerError(render_to_string("500.html", known))
    answer = HttpResponse(render_to_string("503.html", known), status=503)
    answer["Retry-After"] = RETRY_AFTER
    answer["Cache-Control"] = "no-store"
    return answer
