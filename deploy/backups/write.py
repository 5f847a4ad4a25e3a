"""Writes one backup. It never deletes another one."""

import gzip
import hashlib
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from . import database, verdict
from .archive import Broken, written

SECRET = re.compile(r"SECRET|KEY|TOKEN|PASSWORD|_URL$")


def write_backup(folder: Path) -> Path:
    now = datetime.now(UTC)
    target = folder / f"conferencebox-{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z.tar.gpg"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _write(target, now)
    except (Broken, OSError) as error:
        verdict.note_failure(folder, target.name, str(error))
        raise
    if _is_on_same_disk(folder):
        print(f"warning: {folder} is on the disk of the database; set BACKUP_DIR.", file=sys.stderr)
    return target


def _write(target: Path, now: datetime) -> None:
    if not settings.BACKUP_PUBLIC_KEY:
        raise Broken("BACKUP_PUBLIC_KEY is not set. deploy/backup.py key FOLDER makes one.")
    default = settings.DATABASES["default"]
    source = (database.Copy if _is_sqlite() else database.Dump)(default)
    with written(target, Path(settings.BACKUP_PUBLIC_KEY)) as file:
        file.add("conferencebox.env", configuration().encode())
        file.add_parts("database", iter(source))
        _add_media(file)
        file.close(
            {
                "written_at": now.isoformat(),
                "kind": "sqlite" if _is_sqlite() else "mariadb",
                "database": str(default["NAME"]),
                "position": source.position,
                "server": source.server,
                "rows": dict(sorted(source.rows.items())),
            }
        )


def _add_media(file: Any) -> None:
    media = Path(settings.MEDIA_ROOT)
    for path in sorted(media.rglob("*")):
        try:
            content = path.read_bytes() if path.is_file() else None
        except FileNotFoundError:  # deleted meanwhile, like the row that named it
            continue
        if content is not None:
            file.add(f"media/{path.relative_to(media)}.gz", gzip.compress(content, 1))


def configuration() -> str:
    """Every variable that is set; of a secret only a fingerprint, to see whether it is still the same."""
    names = re.findall(r"^(?:# )?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.MULTILINE)
    lines = []
    for name in names:
        if value := os.environ.get(name):
            is_secret = SECRET.search(name) and not name.startswith("BACKUP_")
            lines.append(f"# {name}: secret {fingerprint(value)}" if is_secret else f"{name}={value}")
    return "\n".join(lines) + "\n"


def fingerprint(value: str) -> str:
    return hashlib.sha256(f"ConferenceBox {value}".encode()).hexdigest()[:16]


def _is_sqlite() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


def _is_on_same_disk(folder: Path) -> bool:
    default = settings.DATABASES["default"]
    data = Path(default["NAME"] if _is_sqlite() else database.ask(default, "SELECT @@datadir"))
    return data.exists() and data.stat().st_dev == folder.stat().st_dev
