"""The backups of the site, and what the last attempt to write or prove one found; docs/backups.md.

`deploy/backup.py` uses this too, so it needs no settings.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

VERDICT = "verdict.json"


def all_backups(folder: Path) -> list[Path]:
    """The oldest first, because each name has its time."""
    return sorted(folder.glob("conferencebox-*.tar.gpg"))


def read_verdict(folder: Path) -> dict[str, Any]:
    with suppress(FileNotFoundError, ValueError):
        found = json.loads((folder / VERDICT).read_text())
        if isinstance(found, dict):
            return found
    return {}
