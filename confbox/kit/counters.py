"""Figures that the processes of a host count, each in its own file, for what adds them up.

The files are in memory, where writing waits for no disk. Each is locked for as long as its process lives;
those of processes that have ended are added up in one more file.
"""

import fcntl
import hashlib
import json
import mmap
import os
import stat
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

Key = tuple[str, ...]
# In each record, a key and then these figures: how many by how long they took, and the sum; or one count.
KEY_BYTES, FIGURES = 160, 12
RECORD_BYTES = KEY_BYTES + 8 * FIGURES
RECORDS = 2048
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
# What counts only while the process lives.
PRESENT = {"requests_in_progress", "threads"}
MANY_FILES = 50


class Counters:
    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self.places: dict[Key, int] = {}
        name = f"{os.getpid()}-{time.time_ns()}"
        unfinished = folder / f"{name}.new"
        self.file = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self.file, fcntl.LOCK_EX)
        # Reserved now: in a full file system, writing later would end the process.
        os.posix_fallocate(self.file, 0, RECORDS * RECORD_BYTES)
        self.memory = mmap.mmap(self.file, RECORDS * RECORD_BYTES)
        self.figures = memoryview(self.memory).cast("d")
        unfinished.rename(folder / f"{name}.counts")

    def add(self, key: Key, amount: float) -> None:
        with self.lock:
            place = self.places.get(key)
            if place is None:
                place = self._begin(key)
            self.figures[place] += amount

    def observe(self, key: Key, seconds: float) -> None:
        with self.lock:
            place = self.places.get(key)
            if place is None:
                place = self._begin(key)
            self.figures[place + bisect_left(SECONDS, seconds)] += 1
            self.figures[place + FIGURES - 1] += seconds

    def _begin(self, key: Key) -> int:
        """What no longer fits is counted as the last one, whose name says so."""
        number = len(self.places)
        text = json.dumps(key).encode()
        if number >= RECORDS - 1 or len(text) > KEY_BYTES:
            number, text = RECORDS - 1, b'["others"]'
        start = number * RECORD_BYTES
        self.memory[start : start + len(text)] = text
        place = (start + KEY_BYTES) // 8
        if number < RECORDS - 1:
            self.places[key] = place
        return place


class _Own:
    """Those of this process, if it counts; a process that it forks opens its own as soon as it counts."""

    folder: Path | None = None
    counters: Counters | None = None
    opening = threading.Lock()


def begin_counting(folder: Path) -> None:
    """Without a place for the files, nothing is counted."""
    with suppress(OSError):
        _require_own(folder)
        _Own.folder, _Own.counters = folder, None
        if len(list(folder.glob("*.counts"))) > MANY_FILES:
            fold(folder)


def _require_own(folder: Path) -> None:
    """In a place where everyone may write, another user could have made it."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(folder)


def begin_to_count_here(kind: str) -> None:
    """For a process of the site, whose start is counted, if the settings want figures."""
    if settings.METRICS_TOKEN:
        begin_counting(folder_for(settings.VAR_DIR))
        count("process_starts", kind)


def folder_for(place: Path) -> Path:
    """The folder of a site, by the folder in which it keeps its files."""
    name = hashlib.sha256(str(place).encode()).hexdigest()[:16]
    shared = Path("/dev/shm")  # noqa: S108  # checked in `_require_own`
    return shared / f"conferencebox-{os.getuid()}-{name}" if shared.is_dir() else place / "counts"


def count(*key: str, amount: float = 1) -> None:
    if _Own.folder and (counters := _Own.counters or _open()):
        counters.add(key, amount)


def observe(*key: str, seconds: float) -> None:
    if _Own.folder and (counters := _Own.counters or _open()):
        counters.observe(key, seconds)


def _open() -> Counters | None:
    """Of threads that count first at the same time, one opens the file for all."""
    with _Own.opening:
        if _Own.folder and _Own.counters is None:
            try:
                _Own.counters = Counters(_Own.folder)
            except OSError:
                _Own.folder = None
        return _Own.counters


def _forget() -> None:
    # The lock may be held by a thread that the child does not have.
    _Own.counters, _Own.opening = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


def totals(folder: Path) -> dict[Key, list[float]]:
    """The sums of all processes, also of those that have ended."""
    with suppress(OSError):
        return fold(folder)
    return {}


def fold(folder: Path) -> dict[Key, list[float]]:
    """Moves what has ended to one file and adds up. If this process dies in between, nothing counts twice."""
    with _one_at_a_time(folder):
        ended, done = _read_ended(folder)
        for name in done:
            (folder / name).unlink(missing_ok=True)
        living: dict[Key, list[float]] = defaultdict(lambda: [0.0] * FIGURES)
        dead: list[str] = []
        for file in folder.glob("*.counts"):
            has_ended = _has_ended(file)
            dead += [file.name] * has_ended
            for key, figures in _records(file.read_bytes()):
                if not has_ended or key[0] not in PRESENT:
                    _add(ended if has_ended else living, key, figures)
        if dead:
            _write_ended(folder, ended, dead)
            for name in dead:
                (folder / name).unlink(missing_ok=True)
        for key, figures in ended.items():
            _add(living, key, figures)
        return dict(living)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _has_ended(file: Path) -> bool:
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _records(content: bytes) -> Iterator[tuple[Key, list[float]]]:
    for start in range(0, len(content), RECORD_BYTES):
        text = content[start : start + KEY_BYTES].rstrip(b"\0")
        if text:
            figures = content[start + KEY_BYTES : start + RECORD_BYTES]
            yield tuple(json.loads(text)), list(memoryview(figures).cast("d"))


def _add(sums: dict[Key, list[float]], key: Key, figures: list[float]) -> None:
    known = sums.get(key, [0.0] * FIGURES)
    sums[key] = [one + other for one, other in zip(known, figures, strict=True)]


def _read_ended(folder: Path) -> tuple[dict[Key, list[float]], list[str]]:
    with suppress(OSError, ValueError):
        stored = json.loads((folder / "ended.json").read_text())
        return {tuple(key): figures for key, figures in stored["sums"]}, stored["files"]
    return {}, []


def _write_ended(folder: Path, sums: dict[Key, list[float]], files: list[str]) -> None:
    unfinished = folder / "ended.new"
    unfinished.write_text(json.dumps({"sums": [[key, value] for key, value in sums.items()], "files": files}))
    unfinished.replace(folder / "ended.json")
