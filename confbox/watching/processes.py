"""The processes of the site on this host, as Linux shows them."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

# How each was started, by what its command line contains.
KINDS = {"deploy/serve.py": "granian", "gunicorn": "gunicorn", "manage.py work": "work"}
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    pid: int
    kind: str
    name: str
    began_at: float
    memory_mb: float


def processes() -> list[Process]:
    """Those that were started from the folder of this site, and that this user may see."""
    found = [each for folder in PROC.glob("[0-9]*") for each in _read(folder)]
    return sorted(found, key=lambda each: (each.kind, each.began_at))


def _read(folder: Path) -> Iterator[Process]:
    # It may have ended meanwhile.
    with suppress(OSError):
        command = (folder / "cmdline").read_text().replace("\0", " ")
        kind = next((kind for words, kind in KINDS.items() if words in command), "")
        if kind and (folder / "cwd").resolve() == settings.BASE_DIR.resolve():
            name = (folder / "comm").read_text().strip()
            yield Process(int(folder.name), kind, name, _began_at(folder), _memory_mb(folder))


def _began_at(folder: Path) -> float:
    """The 22nd field of its line is when it began, in ticks after the start of the system."""
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    uptime = float((PROC / "uptime").read_text().split()[0])
    return time.time() - uptime + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _memory_mb(folder: Path) -> float:
    """Its share of the memory that several processes have in common."""
    shared = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
    return int(shared[1]) / 1024 if shared else 0.0
