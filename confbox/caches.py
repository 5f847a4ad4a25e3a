"""Django's database cache, with counts that are not lost in simultaneous requests."""

import base64
import pickle

from django.core.cache.backends import db
from django.db import connections, router, transaction
from django.utils.timezone import now


class DatabaseCache(db.DatabaseCache):
    """Django's own reads a number, adds to it and writes it, so simultaneous increments are lost."""

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
