"""What a container of the site runs.

    start.py web@1|web@2|heavy|worker           as the unit of systemd of that name describes it
    start.py nightly                            the same, and then the proof of the backup
    start.py migrate                            prepares the volumes and the database, and ends
    start.py timers                             the doctor every two minutes, and each night `nightly`
    start.py healthy                            for HEALTHCHECK: whether what runs here is well

`migrate` waits until the database answers, and the others but the doctor until its tables are there.
"""

import http.client
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/debian"))

import first_organiser
from first_organiser import write_for_owner

UNITS = ROOT / "deploy/systemd"
SERVICES = ["web@1", "web@2", "heavy", "worker", "nightly", "doctor", "bounces"]
# Written with what belongs to the site and is in no image.
KEPT = Path("/etc/conferencebox")
BACKUP_KEYS = Path("/etc/conferencebox-backup")
FIRST_LOG_IN = KEPT / "first-log-in.txt"
SET_UP = KEPT / ".set-up"
COMMAND = "podman-compose exec web-1 ./manage.py"
WAITS_SECONDS = 300
# As in conferencebox-doctor.timer and conferencebox-nightly.timer.
DOCTOR_SECONDS = 120
NIGHT_UTC = (3, 17)
# Of its findings, which `timers` renews every two minutes.
OLDEST_FINDINGS_SECONDS = 600


def unit_of(service: str) -> list[tuple[str, str]]:
    """Its settings in their order; some occur several times. web@1 is the first instance of its template."""
    name, at, instance = service.partition("@")
    text = (UNITS / f"conferencebox-{name}{at}.service").read_text()
    filled = text.replace("%i", instance).replace("%n", f"conferencebox-{service}.service")
    parts = [line.partition("=") for line in filled.splitlines() if "=" in line and not line.startswith("#")]
    return [(name, value) for name, _, value in parts]


def settings_of(service: str, name: str) -> list[str]:
    return [value for each, value in unit_of(service) if each == name]


def prepare(service: str) -> None:
    for variable in settings_of(service, "Environment"):
        name, _, value = variable.partition("=")
        os.environ.setdefault(name, value)
    for mask in settings_of(service, "UMask"):
        os.umask(int(mask, 8))
    for lower in settings_of(service, "Nice"):
        os.nice(int(lower))


def run_service(service: str) -> None:
    """Its command takes the place of this process and gets its signals."""
    prepare(service)
    (command,) = (shlex.split(each) for each in settings_of(service, "ExecStart"))
    os.execv(command[0], command)


def run_night() -> None:
    """Ends with what failed first; what the doctor shows is noted as systemd has it noted."""
    for service in ("nightly", "proof"):
        prepare(service)
        code = 0
        for each in settings_of(service, "ExecStart"):
            code = code or subprocess.run(shlex.split(each), check=False).returncode
        result = {"SERVICE_RESULT": "exit-code" if code else "success"}
        for each in settings_of(service, "ExecStopPost"):
            subprocess.run(shlex.split(each), env=os.environ | result, check=False)
        if code:
            sys.exit(code)


def migrate() -> None:
    """Each step can run again; what exists is kept."""
    make_secret_key()
    if not any(BACKUP_KEYS.iterdir()):
        subprocess.run([sys.executable, "deploy/backup.py", "key", str(BACKUP_KEYS)], check=True)
    begin_with_django()
    wait_until(database_answers, "The database does not answer.")
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if not SET_UP.exists():
        call_command("loaddata", "roles", verbosity=0)
        if organiser := os.environ.get("ORGANISER", ""):
            make_organiser(organiser)
        SET_UP.touch()
    make_certificate(os.environ["ALLOWED_HOSTS"].partition(",")[0])


def make_secret_key() -> None:
    path = Path(os.environ.get("SECRET_KEY_FILE") or os.devnull)
    if not path.exists():
        write_for_owner(path, secrets.token_urlsafe(50))


def make_organiser(organiser: str) -> None:
    facts = {"host": os.environ["ALLOWED_HOSTS"].partition(",")[0], "command": COMMAND}
    first_organiser.make_organiser(organiser, manage=manage, note=FIRST_LOG_IN, **facts)


def manage(*command: str, text: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], input=text, text=True, check=True)


def make_certificate(host: str) -> None:
    """As the package does."""
    import web_certificate

    web_certificate.make_certificate(host)


def begin_with_django() -> None:
    key = Path(os.environ.get("SECRET_KEY_FILE") or os.devnull)
    wait_until(key.exists, f"{key} does not exist.")
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
    import django

    django.setup()


def database_answers() -> bool:
    from django.db import Error, connection

    try:
        connection.ensure_connection()
    except Error:
        return False
    return True


def tables_are_there() -> bool:
    from confbox.watching.checks.database import unapplied_migrations

    return database_answers() and not unapplied_migrations()


def wait_until(is_there: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + WAITS_SECONDS
    if not is_there():
        print(f"Waiting: {otherwise}", file=sys.stderr, flush=True)
    while not is_there():
        if time.monotonic() > end:
            sys.exit(otherwise)
        time.sleep(2)


def keep_time() -> None:
    """The doctor goes on while the backup is made. Returned emails are read after it, if that is set up."""
    night: subprocess.Popen[bytes] | None = None
    due = next_night(datetime.now(UTC))
    while True:
        subprocess.run([sys.executable, __file__, "doctor"], check=False)
        if os.environ.get("BOUNCE_IMAP"):
            subprocess.run([sys.executable, __file__, "bounces"], check=False)
        if datetime.now(UTC) >= due and (night is None or night.poll() is not None):
            night, due = (
                subprocess.Popen([sys.executable, __file__, "nightly"]),
                next_night(datetime.now(UTC)),
            )
        time.sleep(DOCTOR_SECONDS)


def next_night(now: datetime) -> datetime:
    hour, minute = NIGHT_UTC
    tonight = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


def is_healthy() -> bool:
    """By what the first process of this container is."""
    command = Path("/proc/1/cmdline").read_text().split("\0")
    places = [word.removeprefix("unix:").removesuffix(".unready") for word in command if "unix:" in word]
    if places:
        return answers(places[0])
    begin_with_django()
    if "work" in command:
        from confbox.watching.checks.background import worker
        from confbox.watching.findings import Verdict

        return worker().verdict is not Verdict.PROBLEM
    from confbox.watching.last_findings import last_findings

    found = last_findings()
    return found is not None and time.time() - found.at < OLDEST_FINDINGS_SECONDS


def answers(place: str) -> bool:
    host = os.environ["ALLOWED_HOSTS"].partition(",")[0]
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(10)
        peer.connect(place)
        peer.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(peer)
        answer.begin()
        return answer.status == 200


def main() -> None:
    command = " ".join(sys.argv[1:])
    if command == "healthy":
        sys.exit(not is_healthy())
    if command not in [*SERVICES, "migrate", "timers"]:
        sys.exit(f"{command!r} is none of: {', '.join(SERVICES)}, migrate, timers, healthy.")
    # The first process of a container gets only signals that it handles.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # The doctor says itself what is missing.
    if command not in ("doctor", "migrate"):
        begin_with_django()
        wait_until(tables_are_there, "The database does not answer, or `migrate` has not run.")
    if command == "migrate":
        migrate()
    elif command == "timers":
        keep_time()
    elif command == "nightly":
        run_night()
    else:
        run_service(command)


if __name__ == "__main__":
    main()
