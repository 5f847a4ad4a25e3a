"""Restores the newest backup into a server of its own, checks it there, and writes the verdict."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from confbox.watching.backup_files import all_backups

from . import database, verdict
from .archive import Broken, check_whole
from .unpack import load_backup

SCRATCH = (
    "--skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-buffer-pool-size=512M"
)


def prove(folder: Path, key: Path, days: int) -> Path:
    file = next(reversed(all_backups(folder)), None)
    if file is None:
        raise Broken(f"There is no backup in {folder}.")
    try:
        before = time.monotonic()
        digest = check_whole(file)
        facts = json.loads(_check_elsewhere(file, key))
    except (Broken, OSError) as error:
        verdict.note_failure(folder, file.name, str(error))
        raise Broken(f"{file.name} is not good: {error}") from error
    facts |= {"sha256": digest, "bytes": file.stat().st_size, "seconds": round(time.monotonic() - before, 1)}
    verdict.note_success(folder, file.name, facts)
    _remove_older(folder, days, kept=file)
    return file


def _check_elsewhere(file: Path, key: Path) -> str:
    """A process of its own, whose DATABASE_URL is a new server that ends with it."""
    command = [
        sys.executable,
        str(settings.BASE_DIR / "deploy/backup.py"),
        "check",
        str(file),
        "--key",
        str(key),
    ]
    with TemporaryDirectory(prefix="cb-proof-") as scratch:
        environment = os.environ | {
            "MARIADB_OPTIONS": SCRATCH,
            "TMPDIR": scratch,
            "DATABASE_TIMEOUT": "",
            "DATABASE_URL_FILE": "",
        }
        if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
            environment["DATABASE_URL"] = f"sqlite:///{scratch}/copy.sqlite3"
        else:
            command.insert(0, str(settings.BASE_DIR / "deploy/with-mariadb"))
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Broken(done.stderr.strip().rpartition("\n")[2].removeprefix("backup: "))
    return done.stdout.strip().rpartition("\n")[2]


def check(file: Path, key: Path) -> None:
    """Loads the backup into the empty database of DATABASE_URL and compares it; prints the facts as JSON."""
    manifest, _ = load_backup(file, key, settings.DATABASES["default"], media=None)
    check_rows(settings.DATABASES["default"], manifest)
    print(
        json.dumps(
            {
                "written_at": manifest["written_at"],
                "rows": sum(manifest["rows"].values()),
                "recounted": _recount_all(),
            }
        )
    )


def check_rows(default: dict[str, Any], manifest: dict[str, Any]) -> None:
    from django.db import connection

    missing = sorted(set(connection.introspection.django_table_names()) - set(manifest["rows"]))
    if missing:
        raise Broken(f"these tables are missing: {', '.join(missing)}")
    found = database.rows_of(default, manifest["rows"])
    if wrong := [t for t, rows in manifest["rows"].items() if found.get(t) != rows]:
        raise Broken(f"the rows of these tables are not those that were written: {', '.join(wrong)}")


def _recount_all() -> int:
    """Counts every published vote again, as the command does for one."""
    from io import StringIO

    from django.core.management import CommandError, call_command

    from voting.elections.receipts.models import PublishedBallots

    slugs = list(PublishedBallots.objects.values_list("election__conference__slug", flat=True))
    for slug in slugs:
        said = StringIO()
        try:
            call_command("recount", slug, stdout=StringIO(), stderr=said)
        except CommandError as error:
            raise Broken(f"the recount of {slug} found: {said.getvalue() or error}") from error
    return len(slugs)


def _remove_older(folder: Path, days: int, *, kept: Path) -> None:
    """Also those of the releases before, which are not encrypted, and what one that was killed has left."""
    others = [*folder.glob("conferencebox-*.gz"), *folder.glob(".conferencebox-*")]
    for file in [*all_backups(folder), *others]:
        if file != kept and file.stat().st_mtime < time.time() - days * 24 * 3600:
            file.unlink()
            file.with_name(f"{file.name}.sha256").unlink(missing_ok=True)
