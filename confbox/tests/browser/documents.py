"""Every page of the site as a document that a browser opens without a server behind it."""

import fcntl
import pickle
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from confbox.tests.browser.axe import AXE_FILE
from confbox.tests.pages import all_pages, unlike_pages
from confbox.tests.states import set_states

KEPT_SECONDS = 3600
AXE_PATH = "/axe.min.js"


def collected_once(folder, worker, collect):
    """What one of the workers of a test run has collected; the others wait for it."""
    if worker == "master":
        return collect(folder)
    shared = folder.parent.parent
    with (shared / "documents.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = shared / "documents.pickle"
        if not file.exists():
            file.write_bytes(pickle.dumps(collect(folder)))
        return pickle.loads(file.read_bytes())


def collect(folder, retype=lambda: None):
    """The pages of the site, each kind once, with replaced texts; the database is left as it was."""
    with override_settings(EMAIL_FILE_PATH=str(folder / "mail"), MEDIA_ROOT=folder), transaction.atomic():
        call_command("loaddata", "roles", verbosity=0)
        states = set_states()
        retype()
        found = [page for page in all_pages(states) if page.is_of_the_site and not page.is_email]
        transaction.set_rollback(True)
    return unlike_pages(found)


class DocumentStore:
    """Serves a browser page documents and static files, which it keeps; other requests get no answer.

    A request that Playwright answers would cost more, and switches the cache of the browser off.
    """

    def __init__(self, browser_page):
        self.page = browser_page
        self.document = ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Answer, self))
        self.site = f"http://localhost:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()
        browser_page.on("close", lambda _page: self.server.shutdown())
        self.devtools = browser_page.context.new_cdp_session(browser_page)
        self.width = 0

    def open(self, document):
        self.document = document.html
        self.page.goto(f"{self.site}{document.path}")

    def resize(self, width):
        """Playwright's own way resizes the window as well, which takes longer than all that is done in it."""
        if width != self.width:
            size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
            self.devtools.send("Emulation.setDeviceMetricsOverride", size)
            self.width = width

    def load_axe(self):
        """From the cache, in which the browser also keeps what it has compiled."""
        self.page.add_script_tag(url=AXE_PATH)

    def content_of(self, path, destination):
        """Body, type and seconds to keep it."""
        if destination == "document":
            return self.document.encode(), "text/html; charset=utf-8", 0
        file = AXE_FILE if path == AXE_PATH else None
        if path.startswith("/static/"):
            file = finders.find(path.removeprefix("/static/"))
        return (Path(file).read_bytes(), guess_type(file)[0], KEPT_SECONDS) if file else None


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, store, *args):
        self.store = store
        super().__init__(*args)

    def do_GET(self):
        found = self.store.content_of(urlsplit(self.path).path, self.headers["Sec-Fetch-Dest"])
        self.send_response(200 if found else 204)
        if found:
            self.send_header("Content-Type", found[1])
            self.send_header("Content-Length", str(len(found[0])))
            self.send_header("Cache-Control", f"max-age={found[2]}" if found[2] else "no-store")
        self.end_headers()
        self.wfile.write(found[0] if found else b"")

    def log_message(self, *args):
        """Nothing: what is asked for is no news."""
