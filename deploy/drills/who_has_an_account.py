#!/usr/bin/env python3
"""No one learns who has an account: log-ins, sign-up and reset of known, unknown and disabled people.

    .venv/bin/python deploy/drills/who_has_an_account.py [--samples 300] [--port 8590]
    deploy/with-mariadb .venv/bin/python deploy/drills/who_has_an_account.py

A gunicorn with one worker serves the application on a database of its own. Each sample is a person who has
not been used before, from a browser and a loopback address of its own; known, unknown and disabled people
alternate in a shuffled order. Two responses are the same if status, target, header names and page agree
after removing email addresses, tokens and times. Two lists of times are the same if a rank test cannot
distinguish them: AUC is the probability that a sample of one kind took longer than one of the other, where
0.5 is a coin toss.

The control is the library's own sign-up and reset pages, which look the person up before they answer, a
log-in that does not hash for an unknown person, and a log-in with a code that is only issued for those who
have an account. The drill must distinguish them at each of these doors.
"""

import argparse
import http.client
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = ("known", "unknown", "disabled")
# |z| of the rank test beyond which two lists differ: one in a thousand for the fifteen comparisons.
FAR = 4.0
CONTROL = """
import accounts.urls
import confbox.urls
from accounts.models import User
from accounts.views import log_in_code
from allauth.account.auth_backends import AuthenticationBackend
from django.urls import URLResolver, include, path
AuthenticationBackend._mitigate_timing_attack = lambda self, password: None
confbox.urls.urlpatterns = [
    entry for entry in confbox.urls.urlpatterns
    if not (isinstance(entry, URLResolver) and getattr(entry.urlconf_name, "__name__", "") == "accounts.urls")
]
by_code = [entry for entry in accounts.urls.urlpatterns if "log-in-code" in str(entry.name)]
confbox.urls.urlpatterns.insert(0, path("accounts/", include(by_code)))
send_code = log_in_code._send_code
def send_to_known(request, email):
    if User.objects.active().filter(email=email).exists():
        send_code(request, email)
log_in_code._send_code = send_to_known
"""


def server_environment(folder: Path, database: str) -> dict[str, str]:
    known = {"SECRET_KEY": "d" * 60, "ALLOWED_HOSTS": "*", "HTTPS": "false", "VAR_DIR": str(folder)}
    known |= {"DATABASE_URL": database, "ENV_FILE": os.devnull, "LOG_LEVEL": "ERROR", "MAILBOX": "false"}
    known |= {"EMAIL_URL": "consolemail://", "DJANGO_SETTINGS_MODULE": "confbox.settings"}
    known["DEBUG"] = "false"
    return {**os.environ, **known}


PEOPLE = """
import django; django.setup()
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from accounts.models import User
password = make_password("correct-horse-battery")
for kind, active in (("known", True), ("disabled", False)):
    User.objects.bulk_create(
        User(email=f"{kind}-%(run)s-{n}@example.org", name=f"{kind} {n}", password=password, is_active=active)
        for n in range(%(count)d)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.filter(email__startswith=f"{kind}-%(run)s-")
    )
"""


class Server:
    """One gunicorn worker; `control` is code that takes out the protection that the drill is about."""

    def __init__(self, folder: Path, environment: dict[str, str], port: int, control: str = "") -> None:
        module = folder / "drilled.py"
        before = "import django; django.setup()\n" + control if control else ""
        module.write_text(before + "\nfrom confbox.wsgi import application\n")
        path = os.pathsep.join([str(folder), str(ROOT)])
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "drilled:application",
            "--workers",
            "1",
            "--threads",
            "4",
        ]
        command += [
            "--threads",
            "4",
            "--worker-class",
            "gthread",
            "--bind",
            f"0.0.0.0:{port}",
            "--log-level",
            "error",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment | {"PYTHONPATH": path})
        for _ in range(150):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.2)
        raise SystemExit("The server did not start.")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)


class Browser:
    def __init__(self, port: int, number: int) -> None:
        address = f"127.{1 + number // 60_000}.{number // 250 % 250}.{1 + number % 250}"
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", port, source_address=(address, 0), timeout=30
        )
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, data: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(data or {}), headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response, text

    def close(self) -> None:
        self.connection.close()


def code_asked(email: str) -> tuple[str, dict[str, str]]:
    return "/accounts/login/code/", {"email": email}


# The forms that one person sends, one after the other; the response to the last one is compared.
FORMS: dict[str, list[Callable[[str], tuple[str, dict[str, str]]]]] = {
    "log-in": [lambda email: ("/accounts/login/", {"login": email, "password": "wrong-horse-battery"})],
    "sign-up": [
        lambda email: (
            "/accounts/signup/",
            {"name": "A Person", "email": email, "password1": "some-long-passphrase"},
        )
    ],
    "log-in-code": [code_asked],
    "wrong-code": [code_asked, lambda email: ("/accounts/login/code/confirm/", {"code": "000000"})],
    "reset": [lambda email: ("/accounts/password/reset/", {"email": email})],
}


def sample(port: int, number: int, form: str, email: str) -> tuple[float, str]:
    """How long the last response took, and everything in all of them that could be compared."""
    browser, said = Browser(port, number), ""
    for step in FORMS[form]:
        path, fields = step(email)
        response, page = browser.ask("GET", path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if not token:
            said += f"no form: {response.status}"
            break
        started = time.perf_counter()
        response, text = browser.ask("POST", path, fields | {"csrfmiddlewaretoken": token[1]})
        took = time.perf_counter() - started
        there = response.headers.get("Location", "")
        if there:
            _, after = browser.ask("GET", there)
            text += after
        names = sorted(name for name, _ in response.headers.items())
        said += f"{response.status} {there} {names} {sorted(browser.cookies)} {text}"
    browser.close()
    return took, comparable(said, email)


def comparable(said: str, email: str) -> str:
    said = said.replace(email, "ADDRESS")
    said = re.sub(r'(value|nonce|content)="[A-Za-z0-9+/=_-]{20,}"', "TOKEN", said)
    said = re.sub(r"\d\d:\d\d", "TIME", said)
    return re.sub(r"in \d+ seconds?", "WAIT", said)


def auc_and_z(one: list[float], other: list[float]) -> tuple[float, float]:
    """The rank test of Mann and Whitney, with its normal approximation."""
    ranked = sorted([(t, 0) for t in one] + [(t, 1) for t in other])
    ranks = sum(rank for rank, (_, kind) in enumerate(ranked, start=1) if kind == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    return u / (n * m), (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


def report(name: str, door: str, times: dict[str, list[float]], said: dict[str, set[str]]) -> int:
    """Prints the figures of each kind, and returns how many pairs of kinds could be distinguished."""
    found = 0
    for kind, taken in times.items():
        ordered = sorted(1000 * took for took in taken)
        middle, slow = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
        print(
            f"{name} {door:11} {kind:9} n {len(ordered)}  median {middle:7.2f} ms  p95 {slow:7.2f} ms"
            f"  different answers {len(said[kind])}",
            flush=True,
        )
    for one, other in combinations(times, 2):
        auc, z = auc_and_z(times[one], times[other])
        same = said[one] == said[other]
        apart = abs(z) > FAR or not same
        found += apart
        words = "same" if same else "DIFFERENT"
        told = "  DISTINGUISHED" if apart else ""
        print(f"{name} {door:8} {one} / {other}: answer {words}, AUC {auc:.3f}, z {z:+.1f}{told}", flush=True)
    return found


def run(name: str, port: int, samples: int, first: int) -> dict[str, int]:
    """Prints the figures and returns, for each form, in how many comparisons two kinds were distinguished."""
    found = {}
    number = first
    for form in FORMS:
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        said: dict[str, set[str]] = {kind: set() for kind in KINDS}
        turns = [(kind, n) for kind in KINDS for n in range(samples)]
        random.Random(form).shuffle(turns)
        for kind, n in turns:
            number += 1
            took, answer = sample(port, number, form, f"{kind}-{form}-{n}@example.org")
            times[kind].append(took)
            said[kind].add(answer)
        found[form] = report(name, form, times, said)
    return found


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--samples", type=int, default=300)
    options.add_argument("--port", type=int, default=8590)
    chosen = options.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'drill.sqlite3'}"
        environment = server_environment(folder, database)
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True)
        subprocess.run(
            [*manage, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True
        )
        for form in FORMS:
            code = PEOPLE % {"count": chosen.samples, "run": form}
            subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=ROOT)
        for turn, control in enumerate((False, True)):
            what = "control" if control else "site   "
            server = Server(folder, environment, chosen.port, CONTROL if control else "")
            try:
                samples = chosen.samples if not control else max(50, chosen.samples // 3)
                found[control] = run(what, chosen.port, samples, turn * 10_000)
            finally:
                server.end()
            subprocess.run(
                [*manage, "shell", "-c", "from django.core.cache import cache; cache.clear()"],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
    for what, control in (("on the site", False), ("in the control", True)):
        print(f"distinguished {what}, of 3 comparisons each: {found[control]}")
    return 0 if not any(found[False].values()) and all(found[True].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
