"""Restores a backup beside the running database, and switches to it only when told; docs/backups.md.

    deploy/restore.py FILE [--until TIME] [--key KEY] [--name DATABASE]
    deploy/restore.py --switch DATABASE [--environment FILE]

FILE may be the name of one in BACKUP_DIR. TIME has a time zone, such as 2026-11-28T03:00:00+00:00; changes
before it come from MariaDB's binary log. KEY is beside BACKUP_PUBLIC_KEY unless given.
Run it as root: it connects as MariaDB's root over the socket (or with the URL in RESTORE_ADMIN_URL).
"""

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")

from backups import beside, switch
from backups.archive import Broken
from backups.unpack import private_key
from django.conf import settings


def time_with_zone(text: str) -> datetime:
    time: datetime | None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        example = "a time with its time zone, such as 2026-11-28T03:00:00+00:00"
        raise argparse.ArgumentTypeError(f"{text!r} is not {example}")
    return time


def file_of(path: Path) -> Path:
    for file in (path, settings.BACKUP_DIR / path):
        if file.is_file():
            return file
    raise Broken(f"There is no backup {path}.")


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--key", type=Path)
    parser.add_argument("--until", type=time_with_zone)
    parser.add_argument("--name")
    parser.add_argument("--switch", metavar="DATABASE")
    parser.add_argument("--environment", type=Path, default=Path("/etc/conferencebox.env"))
    options = parser.parse_args()
    os.umask(0o077)
    if bool(options.file) == bool(options.switch):
        parser.error("name a FILE, or the database to --switch to")
    try:
        if options.switch:
            print(switch.switch_to(options.switch, options.environment))
        else:
            file, key = file_of(options.file), private_key(options.key)
            print(beside.restore_beside(file, key, options.until, options.name))
    except (Broken, OSError) as error:
        sys.exit(f"restore: {error}")


if __name__ == "__main__":
    main()
