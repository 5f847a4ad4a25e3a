"""The newest backup: whether the night proved that it can be restored, and how old it is."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.watching.backup_files import all_backups, read_verdict
from confbox.watching.findings import Finding, ok, problem

# One is made each night.
TOO_OLD_HOURS = 26


def backup() -> Finding:
    folder = Path(settings.BACKUP_DIR)
    found = read_verdict(folder)
    hours = _hours_since_last_good(found)
    if words := _what_is_wrong(folder, found, hours):
        return problem(words, hours)
    number = int(hours or 0)
    said = ngettext(
        "The newest is %(n)d hour old. It was restored to try it out, and its votes were counted again.",
        "The newest is %(n)d hours old. It was restored to try it out, and its votes were counted again.",
        number,
    )
    return ok(said % {"n": number}, hours)


def _what_is_wrong(folder: Path, found: dict[str, Any], hours: float | None) -> str:
    if found.get("good") is False:
        return _("The last one failed: %(why)s") % {"why": found.get("why")}
    if not all_backups(folder):
        return _("There is none. Start %(timer)s.") % {"timer": "conferencebox-nightly.timer"}
    if hours is None:
        said = _("None has been restored to try it out. Start %(service)s.")
        return said % {"service": "conferencebox-proof.service"}
    if not _is_there(folder, found):
        said = _("%(name)s is not there any more, or has changed. Make another one: %(command)s")
        return said % {"name": found.get("file"), "command": "conferencebox backup"}
    if hours > TOO_OLD_HOURS:
        number = int(hours)
        said = ngettext(
            "The newest is %(n)d hour old. Find out why %(service)s failed.",
            "The newest is %(n)d hours old. Find out why %(service)s failed.",
            number,
        )
        return said % {"n": number, "service": "conferencebox-nightly.service"}
    return ""


def _hours_since_last_good(found: dict[str, Any]) -> float | None:
    with suppress(KeyError, TypeError, ValueError):
        age = datetime.now(UTC) - datetime.fromisoformat(found["last_good"]["written_at"])
        return round(age.total_seconds() / 3600, 1)
    return None


def _is_there(folder: Path, found: dict[str, Any]) -> bool:
    sizes = {file.name: file.stat().st_size for file in all_backups(folder)}
    return sizes.get(str(found.get("file"))) == found.get("bytes")
