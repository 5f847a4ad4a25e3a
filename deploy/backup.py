"""Writes the whole database to FOLDER, compressed, as one consistent snapshot while the site runs.

    deploy/backup.py FOLDER [DAYS]

Files older than DAYS (default 14) are deleted afterwards. A file gets its name only when it is complete. It
contains people's email addresses and open sessions: only its owner may read it.
"""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")

from django.conf import settings
from django.db.backends.mysql.client import DatabaseClient

DUMP = (
    "mariadb-dump --single-transaction --quick --hex-blob --skip-lock-tables --default-character-set=utf8mb4"
)


def main() -> None:
    if len(sys.argv) not in (2, 3) or not all(days.isdecimal() for days in sys.argv[2:]):
        sys.exit("usage: deploy/backup.py FOLDER [DAYS]")
    folder, days = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 14
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    database = settings.DATABASES["default"]
    kind = "sqlite3" if database["ENGINE"].endswith("sqlite3") else "sql"
    target = folder / f"conferencebox-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{kind}.gz"
    unfinished = target.with_name(f".{target.name}")
    try:
        (copy_sqlite if kind == "sqlite3" else dump)(database, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    remove_older(folder, days)
    print(target)


def dump(database: dict[str, Any], target: Path) -> None:
    arguments, environment = client(database)
    with gzip.open(target, "wb", compresslevel=6) as file:
        process = subprocess.Popen([*DUMP.split(), *arguments], env=environment, stdout=subprocess.PIPE)
        assert process.stdout
        tail = b""
        while block := process.stdout.read(1 << 20):
            file.write(block)
            tail = (tail + block)[-200:]
        # A dump that was cut short lacks its last line, whatever the exit code is.
        if process.wait() or b"-- Dump completed" not in tail:
            sys.exit("The dump failed; nothing was kept.")


def client(database: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment with which MariaDB's programs connect to the database."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(database, [])
    socket = database["OPTIONS"].get("unix_socket")
    options = [a for a in arguments[1:] if not a.startswith("--default-character-set")]
    return [*([f"--socket={socket}"] if socket else []), *options], os.environ | (environment or {})


def copy_sqlite(database: dict[str, Any], target: Path) -> None:
    with NamedTemporaryFile(dir=target.parent) as copy:
        with closing(sqlite3.connect(database["NAME"])) as source, closing(sqlite3.connect(copy.name)) as to:
            source.backup(to)
        with gzip.open(target, "wb") as file:
            shutil.copyfileobj(copy, file)


def remove_older(folder: Path, days: int) -> None:
    for file in folder.glob("conferencebox-*.gz"):
        if file.stat().st_mtime < time.time() - days * 24 * 3600:
            file.unlink()


if __name__ == "__main__":
    main()
