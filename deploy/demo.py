"""Serves the demo: settings like production's, on SQLite, with emails kept in files. `make run` runs it.

    deploy/demo.py [PORT]
    deploy/demo.py [PORT] --reload

It reads nothing from `.env` and none of the application's variables from the environment, so it never
touches a database or mail server that was set up for real work. Only VAR_DIR, the folder of the demo's
data, can be set. To serve the application with settings of your own, see docs/operators.md.

With `--reload` (`make dev`) it serves the same data with DEBUG, and the web server and worker restart after
each change of a Python file. This mode is for developers, who may have settings of their own, so it does
read `.env` and the environment.
"""

import ctypes
import hashlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
PASSWORD = "conference-demo"  # noqa: S105
LOG_INS = {
    "alice": "member",
    "bob": "member",
    "owner": "owner of the series Developer Days, its team included",
    "organiser": "organiser there: the conferences, their members, the vote and the decision",
    "reviewer": "reviewer there: campaigns and pitches",
    "helpdesk": "help desk there: members and invitations",
    "observer": "observer there: reads what is not personal",
    "nadia": "owner of another series",
    "tomas": "owner of one conference",
    "admin": "organiser of the whole site",
}
# Of the conference that only members see, and of one where an organiser lets people in.
JOIN_CODES = {"1NTE-D027": "INTED, for members only", "JC0N-2027": "JCON EUROPE"}
MAX_WAIT_SECONDS = 10
WORKER_START_SECONDS = 2
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
APPS = ["accounts", "conferences", "confbox", "voting"]
Children = dict[str, "subprocess.Popen[bytes]"]


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--reload"]
    # SIGINT as well: a shell starts what runs in its background with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        die_with_make()
        serve(port_from(arguments), reload="--reload" in sys.argv[1:])
    except KeyboardInterrupt:
        say("Stopped.")


def serve(port: int, *, reload: bool) -> None:
    start = time.monotonic()
    VAR.mkdir(parents=True, exist_ok=True)
    os.environ |= development(port) if reload else environment(port)
    os.chdir(ROOT)
    make_ready(reload=reload)
    wanted = commands(port, reload=reload)
    code = newest_code()
    children = {name: spawn(command) for name, command in wanted.items()}
    try:
        wait_until_served(port, children["web"])
        if reload:
            # The first lines of the worker come above the log-ins, not below them.
            time.sleep(WORKER_START_SECONDS)
        greet(port, time.monotonic() - start)
        watch(children, wanted, code=code if reload else None)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children)


def port_from(arguments: list[str]) -> int:
    text = arguments[0] if arguments else "8000"
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, and it is {text!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except PermissionError:
            sys.exit(f"Port {text} needs root: choose one above 1023, for example PORT=8001 make run.")
        except OSError:
            sys.exit(f"Port {text} is in use: choose another, for example PORT={int(text) + 1} make run.")
    return int(text)


def environment(port: int) -> dict[str, str]:
    """The application's variables: those of the demo, and an empty value for every other one."""
    names = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    empty = dict.fromkeys([*names, "GUNICORN_CMD_ARGS", "WEB_WORKERS", "WEB_THREADS"], "")
    return empty | {
        "DJANGO_SETTINGS_MODULE": "confbox.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(VAR),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": secret_key(),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "DATABASE_URL": f"sqlite:///{quote(str(VAR))}/confbox.sqlite3",
        "HTTPS": "false",
        "EMAIL_URL": "filemail://",
        "MAILBOX": "true",
        "STAFF_MFA_REQUIRED": "false",
        "LOG_LEVEL": "WARNING",
    }


def development(port: int) -> dict[str, str]:
    """The developer's own variables take precedence, except for the key that encrypted the demo's data."""
    from environ import Env

    Env.read_env(os.environ.get("ENV_FILE", str(ROOT / ".env")))
    default = {"SECRET_KEY": secret_key(), "VAR_DIR": str(VAR), "SITE_URL": f"http://127.0.0.1:{port}"}
    missing = {name: value for name, value in default.items() if not os.environ.get(name)}
    return missing | {"DEBUG": "true", "DJANGO_SETTINGS_MODULE": "confbox.settings"}


def secret_key() -> str:
    file = VAR / "secret_key"
    file.touch(mode=0o600)
    if not file.read_text():
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


def make_ready(*, reload: bool) -> None:
    """Creates tables, roles, demo data and static files where they are missing."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    say("Preparing the database ...")
    set_old_database_aside()
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic():
        load_data()
    connection.close()
    if not reload:
        collect_static_files()


def set_old_database_aside() -> None:
    """The migrations of an older version may be gone; its database is demo data, so a new one is created."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    connection.close()
    ours = {"accounts", "conferences", "voting"}
    if not any(app in ours for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)):
        return
    for end in ("", "-wal", "-shm"):
        file = VAR / f"confbox.sqlite3{end}"
        if file.exists():
            file.replace(VAR / f"confbox.sqlite3.old{end}")
    kept = VAR / "confbox.sqlite3.old"
    say(f"The demo's database is of an older version. A new one is made; the old one is kept as {kept}.")


def load_data() -> None:
    from django.core.management import call_command

    from voting.demo import loading

    call_command("loaddata", "roles", verbosity=0)
    if loading.is_loaded() or not loading.other_people():
        say("Loading the demo's conferences and people, or moving their times to today ...")
        call_command("load_demo", verbosity=0)


def collect_static_files() -> None:
    from django.conf import settings
    from django.core.management import call_command

    stamp, wanted = VAR / "static.stamp", static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and Path(settings.STATIC_ROOT).is_dir():
        return
    say("Collecting static files ...")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def static_fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    files = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            files.append((storage.path(path), status.st_size, status.st_mtime_ns))
    return hashlib.sha256(json.dumps(sorted(files)).encode()).hexdigest()


def commands(port: int, *, reload: bool) -> dict[str, list[str]]:
    reloading = [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}"]
    serving = [
        *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
        *("--bind", f"127.0.0.1:{port}", "--graceful-timeout", "5", "--log-level", "warning"),
    ]
    worker = [sys.executable, "manage.py", "work", "--processes", "1" if reload else "2"]
    return {"web": reloading if reload else serving, "worker": worker}


def spawn(command: list[str]) -> "subprocess.Popen[bytes]":
    # A session of its own, so that Ctrl-C reaches only us and everything ends in order.
    return subprocess.Popen(command, start_new_session=True, preexec_fn=die_with_parent)  # noqa: PLW1509  # no threads here


def die_with_make() -> None:
    """If make is killed, it cannot tell us to stop. Other parents may exit before us."""
    if "MAKELEVEL" in os.environ:
        die_with_parent()


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


def wait_until_served(port: int, web: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if web.poll() is not None:
            sys.exit("The web server stopped at its start; it says why above.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("The web server does not answer after 30 seconds.")


def greet(port: int, seconds: float) -> None:
    people = "\n".join(f"    {f'{login}@example.org':<22} {role}" for login, role in LOG_INS.items())
    codes = "\n".join(f"    {code:<22} {conference}" for code, conference in JOIN_CODES.items())
    say(
        f"\nConferenceBox serves http://127.0.0.1:{port}/ after {seconds:.0f} s (without the setup)\n\n"
        f"  Log in with the password {PASSWORD}:\n{people}\n"
        f"  Join codes, for            http://127.0.0.1:{port}/j/\n{codes}\n"
        f"  Those with a role work at  http://127.0.0.1:{port}/admin/\n"
        f"  Emails and codes are at    http://127.0.0.1:{port}/mailbox/\n\n"
        "  Ctrl-C stops it; the data is kept for the next start (make clean deletes it).\n"
    )


def watch(children: "Children", wanted: dict[str, list[str]], *, code: "int | None") -> None:
    """Runs until Ctrl-C. A worker that exits is restarted; a web server that exits ends everything.

    In development Django's web server reloads itself, and the worker restarts after each change: restarted
    immediately, it would only fail with the same mistake. `code` is the state of the files when both were
    started.
    """
    parent = os.getppid()
    while children["web"].poll() is None:
        time.sleep(1)
        # The signal is lost if it comes where Python ignores exceptions, such as in a destructor.
        if "MAKELEVEL" in os.environ and os.getppid() != parent:
            raise KeyboardInterrupt
        if code is not None and newest_code() != code:
            code = newest_code()
            stop({"worker": children["worker"]})
            children["worker"] = spawn(wanted["worker"])
        elif code is None and children["worker"].poll() is not None:
            say(f"The worker ended with {children['worker'].returncode} and is started again.")
            children["worker"] = spawn(wanted["worker"])
    sys.exit("The web server stopped unexpectedly; see its output above.")


def newest_code() -> int:
    """When a Python file of the application last changed, and how many there are."""
    times = []
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        # An editor's temporary file may be gone again.
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime_ns)
    return max(times) + len(times)


def stop(children: "Children") -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while time.monotonic() < deadline and any(is_running(child) for child in children.values()):
        time.sleep(0.05)
    for child in children.values():
        if is_running(child):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def is_running(child: "subprocess.Popen[bytes]") -> bool:
    """Whether the process, or any that it started, still runs; all of them are one group."""
    child.poll()
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    return True


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
