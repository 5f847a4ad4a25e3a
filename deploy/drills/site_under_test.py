"""What drills share: people, and a site behind the shipped nginx."""

import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1"}
PASSWORD = "correct-horse-battery"  # noqa: S105
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
LIGHT = [sys.executable, "deploy/serve.py"]
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
GUNICORN += ["--log-level", "critical"]
# As in conferencebox-heavy.service.
HEAVY = ["nice", "-n", "5", *GUNICORN, "--workers", "1", "--threads", "32"]
HEAVY_SETTINGS = {"HASHES_WAITING": "24"}
WAITING = re.compile(r'<form method="post" action="([^"]+)" data-continue="(\d+)">(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
CONFIGURATION = """
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
include /etc/nginx/modules-enabled/*.conf;
error_log {folder}/error.log;
worker_rlimit_nofile 65536;
{user}
events {{ worker_connections {connections}; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/own-answers.conf;
    include {folder}/log-ins.conf;
    include {folder}/own-answers.conf;
    {upstreams}
    server {{ listen 127.0.0.1:{port}{backlog}; include {folder}/site.conf; }}
}}
"""


class Browser:
    """One connection and its cookies."""

    def __init__(self, port: int, source: str) -> None:
        self.peer = http.client.HTTPConnection("127.0.0.1", port, timeout=180, source_address=(source, 0))
        self.cookies: dict[str, str] = {}
        self.waits = 0

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, page, and the target of a redirect."""
        return self.exchange(method, path, urlencode(data).encode() if data else None, FORM)

    def exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, str]:
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        self.peer.request(method, path, body, headers | {"Cookie": cookies})
        answer = self.peer.getresponse()
        page = answer.read().decode(errors="replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page, answer.headers.get("Location", "")

    def send(self, path: str, form_at: str, data: dict[str, str]) -> tuple[int, str, str]:
        status, page, _ = self.ask("GET", form_at)
        while status == 503 and "tries again automatically" in page:
            self.waits += 1
            time.sleep(5)
            status, page, _ = self.ask("GET", form_at)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if status != 200 or not token:
            return status, page, ""
        return self.go_on(self.ask("POST", path, data | {"csrfmiddlewaretoken": token[1]}))

    def go_on(self, answer: tuple[int, str, str]) -> tuple[int, str, str]:
        """What follows a page for those who wait, which sends its form again automatically."""
        while form := WAITING.search(answer[1]):
            self.waits += 1
            time.sleep(int(form[2]))
            answer = self.ask("POST", form[1], dict(HIDDEN.findall(form[3])))
        return answer


def require_servers() -> None:
    require_mariadb()
    if not NGINX:
        raise SystemExit("This drill needs nginx: `deploy/prepare test` installs it.")


def require_mariadb() -> None:
    if "mysql" not in os.environ.get("DATABASE_URL", ""):
        raise SystemExit("This needs MariaDB: run it through deploy/with-mariadb.")


@contextmanager
def prepared_site() -> Iterator[Path]:
    """The site is set up, and its folder is one that nginx may read."""
    require_servers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ |= environment(folder)
        set_up_site()
        yield folder


def environment(folder: Path) -> dict[str, str]:
    known = {"DEBUG": "false", "HTTPS": "false", "ENV_FILE": os.devnull, "VAR_DIR": str(folder)}
    known |= {"SECRET_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "127.0.0.1", "LOG_LEVEL": "CRITICAL"}
    return known | {
        "EMAIL_URL": "filemail://",
        "BEHIND_PROXY": "true",
        "DJANGO_SETTINGS_MODULE": "confbox.settings",
    }


def environment_of_workers(folder: Path, port: int) -> dict[str, str]:
    """Their mail server is at this port. They wait for nothing, and take up soon what a dead one has left."""
    return environment(folder) | {
        "LOG_LEVEL": "ERROR",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CAMPAIGN_EMAILS_PER_MINUTE": "0",
        "CAMPAIGN_LEASE_SECONDS": "5",
        "PYTHONPATH": str(ROOT),
    }


def set_up_site() -> None:
    set_up_database()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)


def set_up_database() -> None:
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("loaddata", "roles", verbosity=0)


def make_people(kind: str, count: int) -> list:
    from allauth.account.models import EmailAddress
    from django.contrib.auth.hashers import make_password

    from accounts.models import User

    password = make_password(PASSWORD)
    User.objects.bulk_create(
        User(email=f"{kind}{n}@example.org", name=f"{kind} {n}", password=password) for n in range(count)
    )
    people = list(User.objects.filter(email__startswith=kind).order_by("pk"))
    EmailAddress.objects.bulk_create(
        EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in people
    )
    return people


def make_conference_of(people: list) -> list[int]:
    """The IDs of those whom members of the drill's conference can vote for."""
    from conferences.models import Membership
    from conferences.tests.factories import make_conference

    conference = make_conference(title="Drill", slug="drill", voting="open")
    joined = {"conference": conference, "joined_at": conference.created_at}
    Membership.objects.bulk_create(Membership(user=user, **joined) for user in people)
    return list(Membership.objects.order_by("pk").values_list("pk", flat=True))


def open_sessions(people: list) -> list[str]:
    from django.contrib.auth import login
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    keys = []
    for user in people:
        request = HttpRequest()
        request.session = SessionStore()
        login(request, user, "conferences.teams.backend.TeamBackend")
        request.session.save()
        keys.append(request.session.session_key)
    return keys


class Site:
    """The two web servers at their sockets and, in front of them, nginx at the port.

    `light` is what serves in place of the shipped server; `bare` starts another one of the shipped kind at
    the next port.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        more: dict[str, str],
        *,
        files: dict[str, str],
        connections: int | None = None,
        application: str = "confbox.wsgi:application",
        light: list[str] = LIGHT,
        bare: bool = False,
    ) -> None:
        web = [*light, "--bind", f"unix:{folder}/web.sock", application]
        heavy = [*HEAVY, "--bind", f"unix:{folder}/heavy.sock", application]
        configure_nginx(folder, port, files, connections)
        nginx = [NGINX, "-c", str(folder / "nginx.conf")]
        commands = [(web, {}), (heavy, HEAVY_SETTINGS), (nginx, {})]
        if bare:
            commands.append(([*LIGHT, "--bind", f"127.0.0.1:{port + 1}", application], {}))
        self.processes = [
            subprocess.Popen(command, cwd=ROOT, env=os.environ | own | more, stderr=subprocess.DEVNULL)
            for command, own in commands
        ]
        try:
            for place in [f"{folder}/web.sock", f"{folder}/heavy.sock", port, *([port + 1] if bare else [])]:
                wait_for(place)
        except SystemExit:
            self.end()
            raise

    def end(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(40)


def configure_nginx(
    folder: Path, port: int, files: dict[str, str], connections: int | None, web: str = "web.sock"
) -> None:
    r"""The shipped files, with `files` in place of those of the same name.

    Unless `web` has the number of the instance, \1, one process with all workers is both of them.
    """
    shipped = {file.name: file.read_text() for file in (ROOT / "deploy/nginx").iterdir()} | files
    for name, text in shipped.items():
        (folder / name).write_text(text_here(text, folder, web))
    user = "user root;" if os.getuid() == 0 else ""
    site = text_here(shipped["conferencebox.conf"], folder, web)
    filled = CONFIGURATION.format(
        folder=folder,
        port=port,
        user=user,
        upstreams="\n".join(re.findall(r"^upstream .*?^\}", site, re.MULTILINE | re.DOTALL)),
        backlog="".join(re.findall(r"listen 443 ssl http2( backlog=\d+)", site)),
        connections=connections or re.findall(r"worker_connections (\d+)", shipped["nginx.conf"])[0],
    )
    (folder / "nginx.conf").write_text(filled)


def text_here(text: str, folder: Path, web: str) -> str:
    """With the folders and sockets of this drill."""
    here = text.replace("/etc/nginx/conferencebox", str(folder)).replace("/var/log/nginx", str(folder))
    here = here.replace("/run/conferencebox-heavy/web.sock", f"{folder}/heavy.sock")
    here = re.sub(r"/run/conferencebox-web-(\d)/web.sock", f"{folder}/{web}", here)
    return here.replace("/var/lib/conferencebox", str(folder)).replace("/var/lib/nginx", str(folder))


def wait_for(place: int | str) -> None:
    """A port, or the file of a socket."""
    family = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET
    for _ in range(150):
        with socket.socket(family) as probe:
            if probe.connect_ex(place if isinstance(place, str) else ("127.0.0.1", place)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("The server did not start.")
