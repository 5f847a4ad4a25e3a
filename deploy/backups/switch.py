"""Makes the site use a restored database: one line of its environment file; the old one stays above it."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from . import database, media
from .archive import Broken


def switch_to(name: str, file: Path) -> str:
    database.require_name(name)
    if path := os.environ.get("DATABASE_URL_FILE"):
        raise Broken(f"The site reads its database from {path}, not from {file}. Write the new name there.")
    text = file.read_text()
    lines = re.findall(r"^DATABASE_URL=.*$", text, re.MULTILINE)
    if len(lines) != 1:
        raise Broken(f"{file} has {len(lines)} lines DATABASE_URL=; there must be one.")
    old = lines[0].removeprefix("DATABASE_URL=").strip().strip("\"'")
    new = urlunsplit(urlsplit(old)._replace(path=f"/{name}"))
    if new == old:
        return f"The site is set to {name} already."
    _check(new)
    pictures = media.bring_back(name)
    kept = f"# Until {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: {lines[0]}\nDATABASE_URL={new}"
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.write_text(re.sub(r"^DATABASE_URL=.*$", lambda _: kept, text, flags=re.MULTILINE))
    shutil.copymode(file, unfinished)
    os.chown(unfinished, file.stat().st_uid, file.stat().st_gid)
    unfinished.replace(file)
    return (
        f"{file} names {name}. Pictures that had been deleted since: {pictures}.\n"
        "Restart the site. The line above it is the way back."
    )


def _check(url: str) -> None:
    """The site itself must be able to use it, with all migrations applied."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--check"]
    environment = os.environ | {"DATABASE_URL": url, "DATABASE_URL_FILE": ""}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or "migrations are missing: manage.py migrate").rpartition("\n")[2]
        raise Broken(f"The site cannot use that database, nothing was changed: {said}")
