"""What the doctor found last, for `/metrics`, so that no scrape has to wait for the checks."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from confbox.watching.findings import Checked


@dataclass(frozen=True)
class LastFindings:
    at: float
    # The verdict and the figure of each check, by its name.
    checks: dict[str, tuple[int, float | None]]


def keep_findings(checked: list[Checked]) -> None:
    """Nothing is kept where this user may not write."""
    found = {each.check.name: (int(each.verdict), each.finding.figure) for each in checked}
    unfinished = _file().with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        unfinished.write_text(json.dumps({"at": time.time(), "checks": found}))
        unfinished.replace(_file())


def last_findings() -> LastFindings | None:
    with suppress(OSError, ValueError, TypeError):
        return LastFindings(**json.loads(_file().read_text()))
    return None


def _file() -> Path:
    return Path(settings.VAR_DIR) / "doctor-last.json"
