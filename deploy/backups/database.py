"""The database as a stream: out of the running one, and into an empty one."""

import os
import re
import sqlite3
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from django.db.backends.mysql.client import DatabaseClient

from .archive import Broken, feeding

DUMP = (
    "mariadb-dump --single-transaction --quick --hex-blob --skip-lock-tables --default-character-set=utf8mb4"
)
POSITION = re.compile(rb"-- CHANGE MASTER TO MASTER_LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)")
INSERT = re.compile(rb"INSERT INTO `([^`]+)` VALUES")


class Dump:
    """The lines of a dump; afterwards the rows of each table and the position in the binary log at its time.

    The rows are counted in the stream, because no other connection sees the same snapshot. mariadb-dump
    writes each row on a line of its own and every line break within a row as an escape.
    """

    def __init__(self, database: dict[str, Any]) -> None:
        self.database = database
        self.rows: Counter[str] = Counter()
        self.position: tuple[str, int] | None = None
        self.server = ask(database, "SELECT @@hostname")

    def __iter__(self) -> Iterator[bytes]:
        arguments, environment = client(self.database)
        logged = ask(self.database, "SELECT @@log_bin") == "1"
        command = [*DUMP.split(), *(["--master-data=2"] if logged else []), *arguments]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout
        assert process.stderr
        table, line = "", b""
        for line in process.stdout:
            if line.startswith(b"("):
                self.rows[table] += 1
            elif found := INSERT.match(line):
                table = found[1].decode()
            elif line.startswith(b"CREATE TABLE `"):
                self.rows[line.split(b"`")[1].decode()] += 0
            elif self.position is None and (found := POSITION.match(line)):
                self.position = found[1].decode(), int(found[2])
            yield line
        # A dump that was cut short lacks its last line, whatever the exit code is.
        if process.wait() or not line.startswith(b"-- Dump completed"):
            raise Broken(f"The dump failed: {process.stderr.read().decode().strip()}")


class Copy:
    """The same for SQLite, which development uses: a copy in memory."""

    position = None
    server = ""

    def __init__(self, database: dict[str, Any]) -> None:
        self.database = database
        self.rows: dict[str, int] = {}

    def __iter__(self) -> Iterator[bytes]:
        with (
            closing(sqlite3.connect(self.database["NAME"])) as source,
            closing(sqlite3.connect(":memory:")) as to,
        ):
            source.backup(to)
            tables = to.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            self.rows = {t: to.execute(f'SELECT COUNT(*) FROM "{t}"').fetchone()[0] for (t,) in tables}
            yield to.serialize()


def client(database: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment with which MariaDB's programs connect to the database."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(database, [])
    socket = database["OPTIONS"].get("unix_socket")
    options = [a for a in arguments[1:] if not a.startswith("--default-character-set")]
    return [*([f"--socket={socket}"] if socket else []), *options], os.environ | (environment or {})


def ask(database: dict[str, Any], statement: str) -> str:
    """The answer as text; columns are separated by tabs."""
    arguments, environment = client(database)
    command = ["mariadb", "--batch", "--skip-column-names", "--default-character-set=utf8mb4", *arguments]
    done = subprocess.run(
        command, check=False, env=environment, input=statement, capture_output=True, text=True
    )
    if done.returncode:
        raise Broken(f"The database refused: {done.stderr.strip()}")
    return done.stdout.strip()


def require_name(name: str) -> None:
    if not re.fullmatch(r"\w{1,64}", name):
        raise Broken("The name of a database consists of letters, digits and underscores.")


def load(database: dict[str, Any], parts: Iterable[bytes]) -> None:
    if database["ENGINE"].endswith("sqlite3"):
        content = b"".join(zlib.decompress(part, 31) for part in parts)
        with open(database["NAME"], "wb") as target:  # noqa: PTH123
            target.write(content)
        return
    feed(database, (zlib.decompress(part, 31) for part in parts))


def feed(database: dict[str, Any], blocks: Iterable[bytes]) -> None:
    """Runs SQL in the database, all or up to the first error."""
    arguments, environment = client(database)
    command = ["mariadb", "--binary-mode", "--default-character-set=utf8mb4", *arguments]
    with feeding(command, "The database did not take it", env=environment) as stream:
        for block in blocks:
            stream.write(block)


def rows_of(database: dict[str, Any], tables: Iterable[str]) -> dict[str, int]:
    tables = sorted(tables)
    if database["ENGINE"].endswith("sqlite3"):
        with closing(sqlite3.connect(database["NAME"])) as copy:
            return {t: copy.execute(f'SELECT COUNT(*) FROM "{t}"').fetchone()[0] for t in tables}
    counted = " UNION ALL ".join(f"SELECT '{t}', COUNT(*) FROM `{t}`" for t in tables)
    answer = (line.split("\t") for line in ask(database, counted).splitlines()) if tables else ()
    return {table: int(rows) for table, rows in answer}
