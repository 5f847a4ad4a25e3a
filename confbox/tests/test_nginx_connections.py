"""The shipped limits of connections, as nginx and the web servers read them."""

import runpy
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from confbox.tests.test_nginx import DEPLOY, NGINX, configure, make_certificate, pytestmark

__all__ = ["pytestmark"]


def test_settings_for_10000_people_at_once():
    """Each that waits takes one connection and each that is answered two; a worker may get more than half."""
    text = shipped_settings()
    number = {name: int(value) for name, value in text.items()}
    assert number["worker_connections"] >= 20_000
    assert number["worker_rlimit_nofile"] >= 2 * number["worker_connections"]
    assert number["backlog"] >= 4096


def test_both_web_servers_let_as_many_requests_wait():
    assert runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))["backlog"] >= 4096
    assert runpy.run_path(str(DEPLOY / "serve.py"))["BACKLOG"] >= 4096


def shipped_settings():
    """What nginx itself reads from the shipped files, of the settings that limit connections."""
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        make_certificate(folder)
        configure(folder, "")
        (folder / "conf.d").mkdir()
        (folder / "conferencebox.conf").rename(folder / "conf.d/conferencebox.conf")
        text = (DEPLOY / "nginx/nginx.conf").read_text().replace("/etc/nginx/conf.d", f"{folder}/conf.d")
        text = text.replace("/etc/nginx/sites-enabled", f"{folder}/sites-enabled")
        text = text.replace("/run/nginx.pid", f"{folder}/pid").replace("/var/log/nginx", name)
        (folder / "nginx.conf").write_text(text)
        read = subprocess.run(
            [NGINX, "-T", "-c", folder / "nginx.conf"], check=False, capture_output=True, text=True
        )
    assert read.returncode == 0, read.stderr
    words = read.stdout.replace(";", " ").replace("=", " ").split()
    names = ("worker_connections", "worker_rlimit_nofile", "backlog")
    return {name: words[words.index(name) + 1] for name in names}
