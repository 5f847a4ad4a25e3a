"""What the doctor found last, for `/metrics`, so that no scrape has to wait for the checks."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from confbox.kit.full_disks import with_room, write_over
from confbox.watching.findings import Checked


@dataclass(frozen=True)
class LastFindings:
    at: float
    # The verdict and the figure of each check, by its name.
    checks: dict[str, tuple[int, float | None]]


def keep_findings(checked: list[Checked]) -> None:
    """Nothing is kept where this user may not write. On a full disk, there is room in the file of before."""
    found = {each.check.name: (int(each.verdict), each.finding.figure) for each in checked}
    content = with_room(json.dumps({"at": time.time(), "checks": found}))
    unfinished = _file().with_suffix(f".{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(_file())
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        with suppress(OSError), _file().open("r+b") as file:
            write_over(file.fileno(), content)


def last_findings() -> LastFindings | None:
    with suppress(OSError, ValueError, TypeError):
        return LastFindings(**json.loads(_file().read_text()))
    return None


def _file() -> Path:
    return Path(settings.VAR_DIR) / "doctor-last.json"
