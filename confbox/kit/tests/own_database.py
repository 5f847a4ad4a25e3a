"""A database that several connections can share."""

from contextlib import contextmanager

from django.db import connections


@contextmanager
def shared_by_connections(folder):
    """On SQLite a copy of the test's database in a file, as the one in memory has no lock that waits.

    MariaDB's is shared anyway.
    """
    in_memory = connections["default"]
    if in_memory.vendor != "sqlite":
        yield
        return
    kept, path = in_memory.settings_dict["NAME"], folder / "shared.sqlite3"
    with in_memory.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    in_memory.settings_dict["NAME"] = path
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = in_memory
        in_memory.settings_dict["NAME"] = kept
