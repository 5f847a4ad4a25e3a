"""Lighthouse's four scores of public pages and the organiser's page, on a phone; `make lighthouse` runs it.

    deploy/lighthouse.py [RUNS]

A fresh demo is served as in production: DEBUG off, hashed and compressed files. Each score is the
median of RUNS (3) runs. The reports are written to var/lighthouse.
"""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from screenshots import DECIDED, OPEN, PASSWORD, ROOT, wait

VERSION = "12.8.2"
TOOLS = ROOT / f"var/tools/lighthouse-{VERSION}"
REPORTS = ROOT / "var/lighthouse"
PAGES = {
    "list": "/",
    "conference": f"/conferences/{OPEN}/",
    "ballot": f"/conferences/{OPEN}/ballot/",
    "results": f"/conferences/{DECIDED}/results/",
    "help": "/help/organisers/start/",
    "organiser": "/admin/conferences/conference/{id}/",
}
# Who has to be logged in.
PEOPLE = {"ballot": "alice@example.org", "results": "alice@example.org", "organiser": "admin@example.org"}
SCORES = ("performance", "accessibility", "best-practices", "seo")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    program = lighthouse()
    REPORTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var:
        site = f"http://localhost:{free_port()}"
        command = [sys.executable, "deploy/demo.py", site.rpartition(":")[2]]
        quiet = subprocess.DEVNULL
        demo = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"VAR_DIR": var}, stdout=quiet)
        try:
            wait(f"{site}/healthz")
            measure_all(program, site, runs)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lighthouse() -> Path:
    """The program, downloaded with npm the first time."""
    program = TOOLS / "node_modules/.bin/lighthouse"
    if program.exists():
        return program
    if not shutil.which("npm"):
        sys.exit("Lighthouse needs Node.js 18.20 or newer with npm. On Debian: sudo apt-get install npm")
    TOOLS.mkdir(parents=True, exist_ok=True)
    fetch = ["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", str(TOOLS)]
    if subprocess.run([*fetch, f"lighthouse@{VERSION}"], check=False).returncode:
        sys.exit(f"npm could not fetch lighthouse@{VERSION}; it says why above.")
    return program


def measure_all(program: Path, site: str, runs: int) -> None:
    sessions = {email: log_in(site, email) for email in set(PEOPLE.values())}
    print(f"{'':<12}" + "".join(f"{score:>16}" for score in SCORES))
    open_id = id_of(site, OPEN, sessions[PEOPLE["organiser"]])
    for name, path in PAGES.items():
        cookie = {"Cookie": sessions[PEOPLE[name]]} if name in PEOPLE else {}
        address = site + path.format(id=open_id)
        reports = [measure(program, address, cookie, f"{name}-{run}") for run in range(runs)]
        print(f"{name:<12}" + "".join(f"{median(reports, score):>16}" for score in SCORES), flush=True)
        for words in sorted({words for report in reports for words in below(report)}):
            print(f"    {words}")


def log_in(site: str, email: str) -> str:
    cookies = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = opener.open(f"{site}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    form = {"csrfmiddlewaretoken": token[1] if token else "", "login": email, "password": PASSWORD}
    opener.open(f"{site}/accounts/login/", urllib.parse.urlencode(form).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)


def id_of(site: str, slug: str, session: str) -> str:
    """The ID of the conference, by which the admin finds it."""
    listed = urllib.request.Request(  # noqa: S310
        f"{site}/admin/conferences/conference/?q={slug}", headers={"Cookie": session}
    )
    page = urllib.request.urlopen(listed).read().decode()  # noqa: S310
    found = re.search(r"/admin/conferences/conference/(\d+)/", page)
    return found[1] if found else sys.exit(f"The admin does not list {slug}.")


def measure(program: Path, address: str, headers: dict[str, str], name: str) -> dict:
    file = REPORTS / f"{name}.json"
    options = ["--quiet", "--output=json", "--output=html", f"--output-path={REPORTS / name}"]
    options += ["--chrome-flags=--headless=new --no-sandbox", f"--extra-headers={json.dumps(headers)}"]
    env = {"CHROME_PATH": "/usr/bin/chromium"} | os.environ
    # Now and then the browser records no start of the page, and Lighthouse asks to be run again.
    for _ in range(3):
        done = subprocess.run(
            [str(program), address, *options], check=False, env=env, capture_output=True, text=True
        )
        if "run Lighthouse again" not in done.stderr:
            break
    if done.returncode:
        sys.exit(f"Lighthouse failed: {done.stderr}")
    written = REPORTS / f"{name}.report.json"
    return json.loads(written.replace(file).read_text())


def median(reports: list[dict], score: str) -> str:
    return f"{statistics.median(report['categories'][score]['score'] for report in reports) * 100:.0f}"


def below(report: dict) -> list[str]:
    """Each audit that costs points, with its measurement."""
    found = []
    for category in report["categories"].values():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                found.append(f"{category['id']}: {audit['id']} {audit.get('displayValue', '')}".rstrip())
    return found


if __name__ == "__main__":
    main()
