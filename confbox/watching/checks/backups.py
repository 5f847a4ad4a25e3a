"""The newest backup: how old it is, and whether it can be read to its end."""

import gzip
import json
import time
import zlib
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from confbox.watching.findings import Finding, ok, problem

# One is made each night.
TOO_OLD_HOURS = 26
DUMP_IS_COMPLETE = b"-- Dump completed"


def backup() -> Finding:
    newest = newest_backup()
    if newest is None:
        return problem(_("There is none. Start %(timer)s.") % {"timer": "conferencebox-nightly.timer"})
    hours = (time.time() - newest.stat().st_mtime) / 3600
    if not is_readable(newest):
        said = _("%(name)s is damaged. Make another one: %(command)s")
        return problem(said % {"name": newest.name, "command": "deploy/backup.py"}, round(hours, 1))
    if hours > TOO_OLD_HOURS:
        said = _("The newest is %(n)d hours old. Find out why %(service)s failed.")
        return problem(said % {"n": hours, "service": "conferencebox-nightly.service"}, round(hours, 1))
    return ok(_("The newest is %(n)d hours old and can be read.") % {"n": hours}, round(hours, 1))


def newest_backup() -> Path | None:
    return max(all_backups(), key=lambda file: file.stat().st_mtime, default=None)


def all_backups() -> list[Path]:
    return list(Path(settings.BACKUP_DIR).glob("conferencebox-*.gz"))


def is_readable(file: Path) -> bool:
    """Reads each file only once, because that takes as long as to make it."""
    note = Path(settings.VAR_DIR) / "doctor-backup.json"
    known = [file.name, file.stat().st_size, file.stat().st_mtime_ns]
    with suppress(OSError, ValueError):
        *read, verdict = json.loads(note.read_text())
        if read == known:
            return bool(verdict)
    verdict = _reads_to_its_end(file)
    with suppress(OSError):
        note.write_text(json.dumps([*known, verdict]))
    return verdict


def _reads_to_its_end(file: Path) -> bool:
    tail = b""
    try:
        with gzip.open(file) as content:
            while block := content.read(1 << 20):
                tail = (tail + block)[-200:]
    except (OSError, EOFError, zlib.error):
        return False
    return bool(tail) and (DUMP_IS_COMPLETE in tail or not file.name.endswith(".sql.gz"))
