"""Backups: database, media and configuration in one encrypted file, while the site runs; docs/backups.md.

    deploy/backup.py [FOLDER]                               writes one, encrypted for BACKUP_PUBLIC_KEY
    deploy/backup.py prove [FOLDER] [--key KEY] [--days N]  restores the newest elsewhere and checks it
    deploy/backup.py key FOLDER                             makes the two keys
    deploy/backup.py ended UNIT                             notes that a unit of systemd failed

FOLDER is BACKUP_DIR unless given, and KEY is beside BACKUP_PUBLIC_KEY. A proof that succeeded deletes
backups older than N days (14).
"""

import argparse
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")

import django
from backups import archive, proof, unpack, verdict, write
from django.conf import settings

COMMANDS = ("prove", "key", "check", "ended")


def main() -> None:
    words = sys.argv[1:]
    command = words.pop(0) if words and words[0] in COMMANDS else "write"
    parser = argparse.ArgumentParser(usage=__doc__)
    given = {"nargs": "?", "default": settings.BACKUP_DIR} if command in ("write", "prove") else {}
    parser.add_argument("what", type=str if command == "ended" else Path, **given)
    if command in ("prove", "check"):
        parser.add_argument("--key", type=Path)
        parser.add_argument("--days", type=int, default=14)
    options = parser.parse_args(words)
    os.umask(0o077)
    try:
        if command == "key":
            print("{}\n{}".format(*archive.make_keys(options.what)))
        elif command == "write":
            print(write.write_backup(options.what))
        elif command == "prove":
            print(proof.prove(options.what, unpack.private_key(options.key), options.days))
        elif command == "ended":
            verdict.note_end(settings.BACKUP_DIR, options.what, os.environ["SERVICE_RESULT"])
        else:
            django.setup()
            proof.check(options.what, unpack.private_key(options.key))
    except (archive.Broken, OSError) as error:
        sys.exit(f"backup: {error}")


if __name__ == "__main__":
    main()
