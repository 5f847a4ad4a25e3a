"""Django's database cache, with counts that are not lost in simultaneous requests or on a full disk."""

import base64
import pickle
from typing import Any

from django.core.cache.backends import db
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.db import connections, router, transaction
from django.utils.timezone import now


class DatabaseCache(db.DatabaseCache):
    """Django's own reads a number, adds to it and writes it, so simultaneous increments are lost.

    It also takes an entry that could not be written for one that was there: guesses would not be counted.
    """

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._require_room()
        super().set(key, value, timeout, version)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        self._require_room()
        return super().add(key, value, timeout, version)

    def _require_room(self) -> None:
        connection: Any = connections[router.db_for_write(self.cache_model_class)]
        if connection.vendor == "mysql":
            connection.refuse_without_room()

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Atomic, as in Django's other caches; the expiry of the entry stays the same.

        Raises:
            ValueError: there is no such entry.
        """
        alias = router.db_for_write(self.cache_model_class)
        connection, key = connections[alias], self.make_and_validate_key(key, version=version)
        quote = connection.ops.quote_name
        table, name, value = quote(self.cache_model_class._meta.db_table), quote("cache_key"), quote("value")
        lock = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
        present = connection.ops.adapt_datetimefield_value(now().replace(microsecond=0, tzinfo=None))
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            found = f"SELECT {value} FROM {table} WHERE {name} = %s AND {quote('expires')} > %s {lock}"  # noqa: S608
            cursor.execute(found, [key, present])
            row = cursor.fetchone()
            if row is None:
                raise ValueError(f"Key '{key}' not found")
            number: int = pickle.loads(base64.b64decode(row[0].encode())) + delta  # noqa: S301
            packed = base64.b64encode(pickle.dumps(number, self.pickle_protocol)).decode()
            cursor.execute(f"UPDATE {table} SET {value} = %s WHERE {name} = %s", [packed, key])  # noqa: S608
        return number
