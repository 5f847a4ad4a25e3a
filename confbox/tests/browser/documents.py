"""Every page of the site as a document that a browser opens without a server behind it."""

from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from confbox.tests.pages import all_pages, unlike_pages
from confbox.tests.states import set_states

SITE = "http://localhost"


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
    """Answers a browser's requests from documents and static files; other requests get no answer."""

    def __init__(self, browser_page):
        self.page = browser_page
        self.document = ""
        browser_page.route("**/*", self._answer)

    def open(self, document):
        self.document = document.html
        self.page.goto(f"{SITE}{document.path}")

    def _answer(self, route):
        path = urlsplit(route.request.url).path
        if route.request.is_navigation_request() and route.request.frame == self.page.main_frame:
            return route.fulfill(body=self.document, content_type="text/html; charset=utf-8")
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        return route.fulfill(path=Path(file)) if file else route.fulfill(status=204)
