"""Restores a backup beside the running database, and switches to it only when told; docs/backups.md.

    deploy/restore.py FILE --key KEY [--until TIME] [--name DATABASE]
    deploy/restore.py --switch DATABASE [--environment FILE]

TIME has a zone, such as 2026-11-28T03:00:00+00:00. Changes before it come from MariaDB's binary log.
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


def time_with_zone(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError
    return time


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
    if bool(options.file) == bool(options.switch) or (options.file and not options.key):
        parser.error("name a FILE and its --key, or the database to --switch to")
    try:
        if options.switch:
            print(switch.switch_to(options.switch, options.environment))
        else:
            print(beside.restore_beside(options.file, options.key, options.until, options.name))
    except (Broken, OSError) as error:
        sys.exit(f"restore: {error}")


if __name__ == "__main__":
    main()
