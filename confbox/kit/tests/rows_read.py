"""How many rows MariaDB read and sorted, whatever it had planned."""

from contextlib import contextmanager
from types import SimpleNamespace

from django.db import connection

READ, SORTED = "Handler_read_%", "Sort_rows"


@contextmanager
def rows_read():
    """Yields what has the numbers of this connection, `read` and `sorted`, once the block is over."""
    rows = SimpleNamespace(read=0, sorted=0)
    before = _total(READ), _total(SORTED)
    yield rows
    rows.read, rows.sorted = _total(READ) - before[0], _total(SORTED) - before[1]


def _total(status):
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE %s", [status])
        return sum(int(number) for _name, number in cursor.fetchall())
