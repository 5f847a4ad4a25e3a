"""Nothing is written to a database on this host while its disk is nearly full.

On a full disk, MariaDB tries to write its binary log once a minute, and until it can, every write waits with
its thread. So writes are refused before that, and taken again as soon as there is room.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import MySQLdb

# More than others write until a transaction that has begun is stored.
ROOM_BYTES = 128 * 1024 * 1024
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
FULL = 1021, "Not written, because the disk of the database is full"


class Disk:
    """Where the database is, once that is known; None if it is not on this host."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.is_known = False

    def find(self, connection: Any, unix_socket: str) -> None:
        """Only once, because it takes a query."""
        if not self.is_known:
            self.folder, self.is_known = _folder_of(connection, unix_socket), True

    def refuse_without_room(self, query: str) -> None:
        """Reads go on.

        Raises:
            MySQLdb.OperationalError: the query writes, and there is no room.
        """
        if self.folder is None or not query[:40].lstrip().startswith(WRITES):
            return
        with suppress(OSError):
            found = os.statvfs(self.folder)
            if found.f_bavail * found.f_frsize < ROOM_BYTES:
                raise MySQLdb.OperationalError(*FULL)


def _folder_of(connection: Any, unix_socket: str) -> Path | None:
    """In our containers, this folder is an empty one on the same disk."""
    cursor = connection.cursor()
    cursor.execute("SELECT @@datadir, @@hostname")
    folder, host = cursor.fetchone()
    cursor.close()
    return Path(folder) if unix_socket or host == socket.gethostname() else None


disk = Disk()
