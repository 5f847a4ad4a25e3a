"""Serves the demo: settings like production's, on SQLite, with mails kept in files. `make run` runs it.

    deploy/demo.py [PORT]

It reads nothing from `.env` and none of the application's variables from the environment, so it never
meets a database or a mail server that somebody set up for real work; only VAR_DIR, the folder of the
demo's data, can be given. To serve the application with settings of your own, see deploy/README.md.
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
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
PASSWORD = "conference-demo"  # noqa: S105
LOG_INS = {"admin@example.org": "organiser", "alice@example.org": "member", "bob@example.org": "member"}
PATIENCE = 10
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        serve(port_from(sys.argv[1:]))
    except KeyboardInterrupt:
        say("Stopped.")


def serve(port: int) -> None:
    start = time.monotonic()
    VAR.mkdir(parents=True, exist_ok=True)
    os.environ |= environment(os.environ) | {"SITE_URL": f"http://127.0.0.1:{port}"}
    os.chdir(ROOT)
    make_ready()
    children = {name: spawn(command) for name, command in commands(port).items()}
    try:
        wait_until_served(port, children["web"])
        greet(port, time.monotonic() - start)
        watch(children, port)
    finally:
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


def environment(given: "os._Environ[str]") -> dict[str, str]:
    """The application's variables: those of the demo, and for every other one an empty value."""
    names = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    empty = dict.fromkeys([*names, "GUNICORN_CMD_ARGS", "WEB_WORKERS", "WEB_THREADS"], "")
    return empty | {
        "DJANGO_SETTINGS_MODULE": "confbox.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(VAR),
        "SECRET_KEY": secret_key(),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "DATABASE_URL": f"sqlite:///{quote(str(VAR))}/confbox.sqlite3",
        "HTTPS": "false",
        "EMAIL_URL": "filemail://",
        "MAILBOX": "true",
        "STAFF_MFA_REQUIRED": "false",
        "LOG_LEVEL": "WARNING",
    }


def secret_key() -> str:
    file = VAR / "secret_key"
    file.touch(mode=0o600)
    if not file.read_text():
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


def make_ready() -> None:
    """Tables, roles, demo data and static files; each only where something is missing."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    say("Preparing the database ...")
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic():
        load_data()
    connection.close()
    collect_static_files()


def load_data() -> None:
    from django.core.management import call_command

    from voting import demo

    call_command("loaddata", "roles", verbosity=0)
    if demo.is_loaded() or not demo.other_people():
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


def commands(port: int) -> dict[str, list[str]]:
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
            *("--bind", f"127.0.0.1:{port}", "--graceful-timeout", "5", "--log-level", "warning"),
        ],
        "worker": [sys.executable, "manage.py", "work", "--processes", "2"],
    }


def spawn(command: list[str]) -> "subprocess.Popen[bytes]":
    # A session of its own, so that Ctrl-C comes to us alone and everything ends in order.
    return subprocess.Popen(command, start_new_session=True, preexec_fn=die_with_parent)  # noqa: PLW1509  # no threads here


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
    people = "\n".join(f"    {email:<20} {role}" for email, role in LOG_INS.items())
    say(
        f"\nConferenceBox serves http://127.0.0.1:{port}/ after {seconds:.0f} s\n\n"
        f"  Log in with the password {PASSWORD}:\n{people}\n"
        f"  Organisers work at   http://127.0.0.1:{port}/admin/\n"
        f"  Mails and codes at   http://127.0.0.1:{port}/mailbox/\n\n"
        "  Ctrl-C stops it; the data stay for the next start (make clean removes them).\n"
    )


def watch(children: dict[str, "subprocess.Popen[bytes]"], port: int) -> None:
    """Until Ctrl-C: a worker that ends is started again, a web server that ends is the end."""
    while children["web"].poll() is None:
        time.sleep(1)
        for name, child in children.items():
            if name != "web" and child.poll() is not None:
                say(f"The {name} ended with {child.returncode} and is started again.")
                children[name] = spawn(commands(port)[name])
    sys.exit("The web server stopped by itself; it says why above.")


def stop(children: dict[str, "subprocess.Popen[bytes]"]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(is_running(child) for child in children.values()):
        time.sleep(0.05)
    for child in children.values():
        if is_running(child):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def is_running(child: "subprocess.Popen[bytes]") -> bool:
    """Whether the process or any that it started is still there; all of them are one group."""
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
