"""nginx with the site, and whether the site answers through it."""

import hashlib
import http.client
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from releases import NGINX_UNIT, NOTES, RELEASE, run
from services import READY_WITHIN_SECONDS, is_off

SITE = Path("/etc/nginx/conf.d/conferencebox.conf")
NGINX = ["nginx", "-c", "/etc/nginx/conferencebox/nginx.conf"]
# The digest of the configuration that nginx has loaded.
LOADED = NOTES / "nginx-loaded"
EXAMPLE_HOST = "conferences.example.org"


def nginx_runs_here() -> bool:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin") is not None and not is_off("nginx")


def configure_nginx(host: str) -> bool:
    """Whether nginx itself is started differently from now on."""
    removed = SITE.with_name(f"{SITE.name}.removed")
    if removed.exists() and not SITE.exists():
        removed.rename(SITE)
    if not SITE.exists():
        SITE.write_text((RELEASE / "deploy/nginx/conferencebox.conf").read_text().replace(EXAMPLE_HOST, host))
    default = Path("/etc/nginx/sites-enabled/default")
    # Debian's page that nginx works; it is still in sites-available.
    if default.is_symlink() and default.resolve() == Path("/etc/nginx/sites-available/default"):
        default.unlink()
    # Not a file of the package: nginx may start before the package has its configuration.
    NGINX_UNIT.parent.mkdir(exist_ok=True)
    shipped = (RELEASE / "deploy/debian/nginx.service.conf").read_text()
    is_new = not NGINX_UNIT.exists() or NGINX_UNIT.read_text() != shipped
    NGINX_UNIT.write_text(shipped)
    run(*NGINX, "-t", "-q")
    return is_new


def load_nginx(is_new: bool) -> None:
    """Only if it has changed: connections that wait for their next request end when nginx loads it again."""
    shown = subprocess.run([*NGINX, "-T", "-q"], check=True, capture_output=True).stdout
    digest = hashlib.sha256(shown).hexdigest()
    if is_new:
        run("systemctl", "restart", "nginx")
    elif not LOADED.exists() or LOADED.read_text() != digest:
        run("systemctl", "reload-or-restart", "nginx")
    LOADED.write_text(digest)


def wait_until_ready(host: str) -> None:
    """Asks as a browser would, through nginx."""
    answer = "nothing"
    for _ in range(READY_WITHIN_SECONDS):
        try:
            answer = status_of("/readyz", host)
            if answer == "200":
                return
        except OSError as error:
            answer = str(error)
        time.sleep(1)
    sys.exit(f"https://{host}/readyz does not answer 200 but: {answer}. See journalctl -u 'conferencebox-*'.")


def status_of(path: str, host: str) -> str:
    context = ssl.create_default_context()
    context.check_hostname = False
    # It is our own, and may be self-signed.
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", 443), 10) as plain,
        context.wrap_socket(plain, server_hostname=host) as peer,
    ):
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(peer)
        answer.begin()
        return str(answer.status)
