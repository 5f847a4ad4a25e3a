"""Data kept between two requests: at most one item of a kind for each owner, so that no one can fill it up.

It has a cache of its own, so that a full one never evicts the counts of rate limits.
"""

import zlib
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils import timezone


def save_temporarily(
    kind: str, owner: object, *, version: str, content: bytes, seconds: int, **facts: Any
) -> None:
    """Saves it, compressed, in place of what was saved for this owner before."""
    packed = {"version": version, "content": zlib.compress(content), "facts": facts}
    caches["kept"].set(_key(kind, owner), packed, seconds)


def saved_temporarily(kind: str, owner: object, *, version: str) -> tuple[bytes, dict[str, Any]] | None:
    """Returns content and facts, if this very version is saved."""
    packed = caches["kept"].get(_key(kind, owner))
    if packed is None or packed["version"] != version:
        return None
    return zlib.decompress(packed["content"]), packed["facts"]


def delete_saved(kind: str, owner: object) -> None:
    caches["kept"].delete(_key(kind, owner))


def delete_expired() -> None:
    """Deletes expired rows from the caches in the database; Django itself does so only in a full one."""
    for store in settings.CACHES.values():
        if str(store["BACKEND"]).endswith(".DatabaseCache"):
            _forget_expired(str(store["LOCATION"]))


def _forget_expired(table: str) -> None:
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name(table)
        cursor.execute(f"DELETE FROM {quoted} WHERE expires < %s", [now])  # noqa: S608


def _key(kind: str, owner: object) -> str:
    return f"{kind}:{owner}"
