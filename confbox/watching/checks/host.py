"""The disks and the memory of this host."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from confbox.mysql.room import disk
from confbox.watching.findings import Finding, ok, problem, warning

WARNING_PERCENT, PROBLEM_PERCENT = 15, 5
MEMORY_WARNING_PERCENT, MEMORY_PROBLEM_PERCENT = 10, 4


def disks() -> Finding:
    free = {path: _free_percent(path) for path in _one_of_each_disk(_folders())}
    return of_disks(free, is_elsewhere=disk.is_known and disk.folder is None)


def of_disks(free: dict[Path, float], *, is_elsewhere: bool = False) -> Finding:
    """A database on another host would show its disk only to an account that may read its files."""
    path = min(free, key=lambda each: free[each])
    figures = {"n": free[path], "folder": path}
    if free[path] >= WARNING_PERCENT and is_elsewhere:
        said = _(
            "At least %(n)d %% of each disk of this host is free. The database is on another host: have its "
            "disk watched there."
        )
        return ok(said % figures, round(free[path], 1))
    if free[path] >= WARNING_PERCENT:
        return ok(_("At least %(n)d %% of each disk is free.") % figures, round(free[path], 1))
    said = _(
        "Only %(n)d %% of the disk with %(folder)s is free. A full disk stops votes: delete what is not "
        "needed, or get a larger one."
    )
    verdict = problem if free[path] < PROBLEM_PERCENT else warning
    return verdict(said % figures, round(free[path], 1))


def _folders() -> Iterator[Path]:
    yield from (Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT), Path(settings.BACKUP_DIR))
    if connection.vendor == "sqlite":
        yield Path(str(connection.settings_dict["NAME"])).parent
    elif folder := _folder_of_mariadb():
        yield folder


def _folder_of_mariadb() -> Path | None:
    """None if it is on another host. A full disk may be why it does not answer, and there are others."""
    with suppress(Error):
        connection.ensure_connection()
    return disk.folder


def _one_of_each_disk(folders: Iterator[Path]) -> list[Path]:
    """Of a folder that does not exist yet, the one that it will be in."""
    found: dict[int, Path] = {}
    for folder in folders:
        there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), Path("/"))
        found.setdefault(there.stat().st_dev, there)
    return list(found.values())


def _free_percent(path: Path) -> float:
    usage = shutil.disk_usage(path)
    return usage.free / usage.total * 100


def memory() -> Finding:
    return of_memory(Path("/proc/meminfo").read_text())


def of_memory(table: str) -> Finding:
    numbers = {name: int(kb) for name, kb in re.findall(r"^(\w+):\s+(\d+)", table, re.MULTILINE)}
    percent = numbers["MemAvailable"] / numbers["MemTotal"] * 100
    if percent >= MEMORY_WARNING_PERCENT:
        return ok(_("%(n)d %% of the memory is free.") % {"n": percent}, round(percent, 1))
    said = _("Only %(n)d %% of the memory is free: Linux may end MariaDB. %(command)s shows what uses it.")
    verdict = problem if percent < MEMORY_PROBLEM_PERCENT else warning
    return verdict(said % {"n": percent, "command": "manage.py status"}, round(percent, 1))
