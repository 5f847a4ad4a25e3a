"""Runs MDN's HTTP Observatory on the site behind the shipped nginx with TLS; `make observatory` runs it.

    deploy/drills/observatory.py

Everything runs in a network namespace of its own, in which the site's name resolves to the loopback
address, so that nothing outside is contacted. Needs Linux with `unshare`, nginx and Node.js 20; npm
downloads the tool the first time. Whether a domain is on the browsers' HSTS preload list is worth five
points of 145. Only its owner can add it, so both scores are shown, and any other test below its maximum
fails the run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VERSION = "1.4.8"
TOOLS = ROOT / f"var/tools/observatory-{VERSION}"
PACKAGE = TOOLS / "node_modules/@mdn/mdn-http-observatory"
HOST = "conferences.example.org"
BEST, PRELOADED = 145, 5
INSIDE = "--inside"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
IP = shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin") or "ip"
MAIN = """
daemon off;
user root;
pid {folder}/nginx.pid;
include /etc/nginx/modules-enabled/*.conf;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/conferencebox.conf;
}}
"""
SCAN = f"import {{ scan }} from '{PACKAGE}/src/scanner/index.js'; "
SCAN += "console.log(JSON.stringify(await scan(process.argv[1])));"


def main() -> None:
    if INSIDE in sys.argv:
        look()
        return
    fetch()
    alone = ["unshare", "--user", "--map-root-user", "--net", "--mount", sys.executable, __file__, INSIDE]
    sys.exit(subprocess.run(alone, check=False, cwd=ROOT).returncode)


def fetch() -> None:
    """The tool alone, without the lists that it would download after installation."""
    if PACKAGE.exists():
        return
    if not shutil.which("npm"):
        sys.exit("The Observatory needs Node.js 20 or newer with npm. On Debian: sudo apt-get install npm")
    TOOLS.mkdir(parents=True, exist_ok=True)
    options = ["--ignore-scripts", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", str(TOOLS)]
    if subprocess.run(
        ["npm", "install", *options, f"@mdn/mdn-http-observatory@{VERSION}"], check=False
    ).returncode:
        sys.exit("npm could not fetch the Observatory; it says why above.")


def look() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        build_network(folder)
        configure(folder)
        environment = variables(folder)
        for command in (["migrate"], ["loaddata", "roles"], ["collectstatic", "--noinput"]):
            manage = [sys.executable, "manage.py", *command, "-v", "0"]
            subprocess.run(manage, env=environment, cwd=ROOT, check=True)
        servers = [subprocess.Popen(c, env=environment, cwd=ROOT) for c in commands(folder)]
        try:
            wait(folder)
            report(scan(folder, preloaded=False), scan(folder, preloaded=True))
        finally:
            for server in servers:
                server.terminate()
                server.wait(20)


def build_network(folder: Path) -> None:
    (folder / "hosts").write_text(f"127.0.0.1 localhost {HOST}\n")
    for command in (
        [IP, "link", "set", "lo", "up"],
        ["mount", "--bind", str(folder / "hosts"), "/etc/hosts"],
    ):
        subprocess.run(command, check=True)


def configure(folder: Path) -> None:
    """The shipped files, with this folder in place of the machine's own."""
    for file in (ROOT / "deploy/nginx").iterdir():
        text = file.read_text()
        for path in ("/etc/nginx/conferencebox", "/var/lib/conferencebox", "/run/conferencebox"):
            text = text.replace(path, str(folder))
        for path in ("/etc/ssl/conferencebox", "/var/log/nginx", "/var/lib/nginx"):
            text = text.replace(path, str(folder))
        (folder / file.name).write_text(text)
    (folder / "main.conf").write_text(MAIN.format(folder=folder))
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    named = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *named]
    subprocess.run(made, check=True, capture_output=True)


def variables(folder: Path) -> dict[str, str]:
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "ENV_FILE": os.devnull, "VAR_DIR": str(folder)}
    known |= {"DATABASE_URL": f"sqlite:///{folder}/confbox.sqlite3", "SECRET_KEY": "k" * 50}
    known |= {"ALLOWED_HOSTS": HOST, "BEHIND_PROXY": "true", "EMAIL_URL": "filemail://", "WEB_WORKERS": "1"}
    return known | {"DEFAULT_FROM_EMAIL": f"ConferenceBox <noreply@{HOST}>", "LOG_LEVEL": "ERROR"}


def commands(folder: Path) -> list[list[str]]:
    serve = [sys.executable, "deploy/serve.py", "--bind", f"unix:{folder}/web.sock"]
    return [serve, [NGINX, "-c", str(folder / "main.conf")]]


def wait(folder: Path) -> None:
    asked = [
        "curl",
        "--silent",
        "--fail",
        "--cacert",
        str(folder / "fullchain.pem"),
        f"https://{HOST}/healthz",
    ]
    for _ in range(150):
        if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.2)
    sys.exit((folder / "error.log").read_text())


def scan(folder: Path, *, preloaded: bool) -> dict:
    """The Observatory's result, with a preload list that contains this site or nothing."""
    entry = {"includeSubDomains": True, "includeSubDomainsForPinning": True, "mode": "force-https"}
    known = {HOST: entry | {"pinned": False}} if preloaded else {}
    (PACKAGE / "conf/hsts-preload.json").write_text(json.dumps(known))
    (PACKAGE / "conf/tld-list.json").write_text("[]")
    trusting = os.environ | {"NODE_EXTRA_CA_CERTS": str(folder / "fullchain.pem")}
    done = subprocess.run(
        ["node", "--input-type=module", "-e", SCAN, HOST],
        check=False,
        env=trusting,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"The Observatory failed: {done.stderr}")
    return json.loads(done.stdout)


def report(plain: dict, preloaded: dict) -> None:
    for name, test in preloaded["tests"].items():
        print(f"{test.get('scoreModifier') or 0:>+4}  {name}: {test['result']}")
    scores = [found["scan"]["score"] for found in (plain, preloaded)]
    print(
        f"\n{scores[0]} ({plain['scan']['grade']}) with any domain, {scores[1]} with one on the preload list"
    )
    if scores != [BEST - PRELOADED, BEST]:
        sys.exit(f"Expected {BEST - PRELOADED} and {BEST}.")


if __name__ == "__main__":
    main()
