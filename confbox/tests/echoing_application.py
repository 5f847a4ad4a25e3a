"""The shipped nginx before an application whose page shows how it was asked."""

import itertools
import json
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingUnixStreamServer
from tempfile import TemporaryDirectory

import pytest

from confbox.kit.tests.ports import free_port
from confbox.tests.test_nginx import BOUND, NGINX, SERVERS, Site, configure, make_certificate

PAGE = "/conferences/open-conf/"


class Application(BaseHTTPRequestHandler):
    """Its page is what was asked; the path decides on anything else."""

    asked: Counter = Counter()
    numbers = itertools.count()
    seconds = 0.0

    def do_GET(self):
        Application.asked[self.path] += 1
        page = {"count": next(Application.numbers), "method": self.command, **self.headers}
        time.sleep(Application.seconds)
        status = {"/conferences/gone/": 404, "/conferences/moved/": 302}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("ETag", '"a"')
        self.send_header("Vary", "Cookie, Accept-Language")
        if self.path == "/conferences/cookie/":
            self.send_header("Set-Cookie", "x=y")
        if self.path == "/conferences/private/":
            self.send_header("Cache-Control", "private, no-store")
        body = json.dumps(page).encode()
        self.send_header("Content-Length", len(body))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "nginx"

    def log_message(self, *_):
        pass


@contextmanager
def served(folder, change=lambda text: text):
    """nginx with the shipped files before the application, `site.conf` changed by `change`."""
    with TemporaryDirectory(dir="/tmp") as run:
        port, tls_port = free_port(), free_port()
        servers = SERVERS.replace("RUN", run).replace("FOLDER", str(folder))
        make_certificate(folder)
        configure(folder, servers.replace("PORT", str(port)).replace("TLS", str(tls_port)), run)
        shipped = folder / "site.conf"
        shipped.write_text(change(shipped.read_text()))
        with ThreadingUnixStreamServer(f"{run}/web.sock", Application) as server:
            threading.Thread(target=server.serve_forever).start()
            nginx = subprocess.Popen([*BOUND, NGINX, "-c", folder / "nginx.conf"])
            try:
                site = Site(port, tls_port, folder, None)
                wait_for(site)
                yield site
            finally:
                nginx.terminate()
                nginx.wait(timeout=20)
                server.shutdown()


def wait_for(site):
    for _ in range(100):
        with suppress(OSError):
            site.get("/static/none")
            return
        time.sleep(0.1)
    pytest.fail("nginx did not start")


def begin_second():
    """Waits for the next second, of which no page is kept."""
    time.sleep(1.02 - time.time() % 1)


def page(site, path=PAGE, **headers):
    return json.loads(site.get(path, **headers)[2])


def is_kept(site, path=PAGE, **headers):
    """Whether the second of two visitors in one second gets what the first got."""
    if time.time() % 1 > 0.7:
        begin_second()
    return page(site, path, **headers) == page(site, path, **headers)
