"""verdict.json beside the backups: what the last attempt to write or prove one found; docs/backups.md."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confbox.watching.backup_files import VERDICT, read_verdict


def note_failure(folder: Path, file: str, why: str) -> None:
    _note(folder, {"file": file, "good": False, "why": " ".join(why.split())})


def note_success(folder: Path, file: str, facts: dict[str, Any]) -> None:
    good = {"file": file, "good": True, "why": "", **facts}
    _note(folder, good | {"last_good": {"file": file, "written_at": facts["written_at"]}})


def note_end(folder: Path, unit: str, result: str) -> None:
    """What systemd knows of a unit that ended, unless the program had the time to note why it failed."""
    if result != "success" and read_verdict(folder).get("good") is not False:
        note_failure(folder, "", f"{unit} failed ({result}). See journalctl -u {unit}")


def _note(folder: Path, found: dict[str, Any]) -> None:
    found = {
        "last_good": read_verdict(folder).get("last_good"),
        "checked_at": datetime.now(UTC).isoformat(),
    } | found
    unfinished = folder / f".{VERDICT}"
    # Root writes it into a folder of the site's user: it must not follow a link that waits there.
    unfinished.unlink(missing_ok=True)
    with unfinished.open("x") as file:
        os.fchmod(file.fileno(), 0o644)  # it names no person; the doctor reads it
        file.write(json.dumps(found, indent=1) + "\n")
    unfinished.replace(folder / VERDICT)
