"""Restores into a new database of the same server. Nothing here writes into the running one."""

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import environ
from django.conf import settings

from . import database, media
from .archive import Broken, check_whole
from .unpack import load_backup
from .write import configuration

# Accounts belong to the server, not to the database; no line of a row event contains a space.
ACCOUNTS = re.compile(rb"(?i)(grant|revoke|flush|(create|drop|alter|rename)\s+(user|role)|set\s+password)\s")
# The server numbers what is replayed anew: the old numbers would confuse its replicas.
NUMBERED = (b"/*!100001 SET @@session.gtid_", b"/*!100001 SET @@session.server_id")


class Place(NamedTuple):
    """Where the backup goes, and how much of the binary log after it."""

    admin: dict[str, Any]
    target: dict[str, Any]
    media: Path
    until: datetime | None
    end: list[str]


def restore_beside(file: Path, key: Path, until: datetime | None, name: str | None) -> str:
    live = settings.DATABASES["default"]
    if live["ENGINE"].endswith("sqlite3"):
        raise Broken("Restoring beside needs MariaDB; a file of SQLite is `database/` of the backup.")
    name = name or f"{live['NAME']}_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    database.require_name(name)
    if until and until > datetime.now(UTC):
        raise Broken(f"{until.isoformat()} is in the future.")
    admin = administrator(live)
    check_whole(file)
    # Read before anything is written, because the binary log then contains the restored database too.
    end = database.ask(admin, "SHOW MASTER STATUS").split("\t")
    database.ask(
        admin, f"CREATE DATABASE `{name}` COLLATE {database.ask(live, 'SELECT @@collation_database')}"
    )
    target = admin | {"NAME": name}
    try:
        place = Place(admin, target, media.folder_of(name), until, end)
        manifest, known = _fill(place, file, key)
        _grant(admin, live, name)
    except BaseException:
        database.ask(admin, f"DROP DATABASE `{name}`")
        media.remove(name)
        raise
    return _summary(place, manifest, known)


def _fill(place: Place, file: Path, key: Path) -> tuple[dict[str, Any], str]:
    manifest, known = load_backup(file, key, place.target, media=place.media)
    if database.rows_of(place.target, manifest["rows"]) != manifest["rows"]:
        raise Broken("The rows that were loaded are not those of the manifest.")
    if place.until and place.until < datetime.fromisoformat(manifest["written_at"]):
        raise Broken(f"This backup is of {manifest['written_at']}; use an earlier one.")
    if goes_on(place, manifest):
        _replay(place, manifest)
    elif place.until:
        raise Broken("No binary log of this server goes on from this backup; leave out --until.")
    return manifest, known


def goes_on(place: Place, manifest: dict[str, Any]) -> bool:
    """Whether this server still has the log in which the backup has its position. Another has others."""
    if place.end == [""] or not manifest["position"]:
        return False
    # The nodes of a cluster have logs of the same names.
    if manifest.get("server") != database.ask(place.admin, "SELECT @@hostname"):
        return False
    first, _ = manifest["position"]
    if not first <= place.end[0] or first not in _logs(place.admin):
        return False
    arguments, environment = database.client(place.admin)
    command = ["mariadb-binlog", *arguments, "--read-from-remote-server", "--stop-position=5", first]
    done = subprocess.run(
        command, check=True, env=environment | {"TZ": "UTC"}, capture_output=True, text=True
    )
    began = re.search(r"^# at 4\n#(\d{6}) +(\d+:\d+:\d+) ", done.stdout, re.MULTILINE)
    time = datetime.strptime(" ".join(began.groups()) + " +0000", "%y%m%d %H:%M:%S %z") if began else None
    return time is not None and time <= datetime.fromisoformat(manifest["written_at"])


def _logs(admin: dict[str, Any]) -> list[str]:
    return [line.split("\t")[0] for line in database.ask(admin, "SHOW BINARY LOGS").splitlines()]


def administrator(live: dict[str, Any]) -> dict[str, Any]:
    if url := environ.Env().str("RESTORE_ADMIN_URL", default=""):
        return environ.Env.db_url_config(url) | {"ENGINE": live["ENGINE"], "NAME": ""}
    local = {k: v for k, v in live["OPTIONS"].items() if k == "unix_socket"}
    return live | {"NAME": "", "USER": "root", "PASSWORD": "", "HOST": "", "PORT": "", "OPTIONS": local}


def _replay(place: Place, manifest: dict[str, Any]) -> None:
    admin, target, _, until, end = place
    first, position = manifest["position"]
    logs = _logs(admin)
    arguments, environment = database.client(admin)
    command = [
        "mariadb-binlog",
        *arguments,
        "--read-from-remote-server",
        f"--start-position={position}",
        f"--stop-position={end[1]}",
        f"--rewrite-db={manifest['database']}->{target['NAME']}",
        f"--database={manifest['database']}",
        *([f"--stop-datetime={until.astimezone(UTC):%Y-%m-%d %H:%M:%S}"] if until else []),
        *logs[logs.index(first) : logs.index(end[0]) + 1],
    ]
    with (
        _only_for(admin, target["NAME"]) as limited,
        subprocess.Popen(
            command, env=environment | {"TZ": "UTC"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout
        assert process.stderr
        database.feed(limited, _renumbered(process.stdout))
        if process.wait():
            raise Broken(f"The binary log could not be read: {process.stderr.read().decode().strip()}")


def _renumbered(lines: Any) -> Iterator[bytes]:
    for line in lines:
        if ACCOUNTS.match(line):
            yield b"DO 0\n"
        elif not line.startswith(NUMBERED):
            yield line


@contextmanager
def _only_for(admin: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """A user who can change this database and no other, whatever statement the log contains."""
    user, password = f"restore_{secrets.token_hex(6)}", secrets.token_hex(16)
    database.ask(
        admin,
        f"CREATE USER `{user}`@`%` IDENTIFIED BY '{password}';"
        f"GRANT ALL ON `{name}`.* TO `{user}`@`%`; GRANT BINLOG REPLAY ON *.* TO `{user}`@`%`",
    )
    try:
        yield admin | {"NAME": name, "USER": user, "PASSWORD": password}
    finally:
        database.ask(admin, f"DROP USER `{user}`@`%`")


def _grant(admin: dict[str, Any], live: dict[str, Any], name: str) -> None:
    user = live["USER"].replace("'", "''").replace("\\", "\\\\")
    hosts = database.ask(admin, f"SELECT Host FROM mysql.user WHERE User = '{user}' AND User <> 'root'")
    for host in hosts.splitlines():
        database.ask(admin, f"GRANT ALL ON `{name}`.* TO '{user}'@'{host}'")


def _summary(place: Place, manifest: dict[str, Any], known: str) -> str:
    target, until = place.target, place.until
    rows = sum(database.rows_of(target, manifest["rows"]).values())
    last = "none"
    if "voting_vote" in manifest["rows"]:
        last = database.ask(target, "SELECT COUNT(*), MAX(cast_at) FROM voting_vote").replace("\t", ", last ")
    here = set(configuration().splitlines())
    other = [line.split()[1] for line in known.splitlines() if ": secret " in line and line not in here]
    written = manifest["written_at"]
    shown = f"{written}, because no binary log of this server goes on from there"
    if goes_on(place, manifest):
        shown = until.isoformat() if until else "now"
    lines = [
        f"The backup of {written} is in the database {target['NAME']}; the site still uses the other.",
        f"Rows: {rows}. Votes: {last}.",
        f"Until: {shown}.",
        f"Media: {media.folder_of(target['NAME'])}",
        *([f"Other values now than then: {', '.join(other)}"] if other else []),
        f"To use it: conferencebox restore --switch {target['NAME']}",
    ]
    return "\n".join(lines)
