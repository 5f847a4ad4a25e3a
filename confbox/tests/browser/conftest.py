"""A real Chromium on a real server. Whatever a page writes to the console fails the test."""

import os

import pytest
from django.conf import settings
from django.test import Client

from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.tests.browser.documents import collect, collected_once
from conferences.tests.factories import make_conference, make_membership
from voting.tests.factories import make_pitch, make_vote


@pytest.fixture(scope="session", autouse=True)
def _playwright_beside_django():
    """Playwright keeps an event loop in this thread, which Django would mistake for async code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args():
    return {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}


@pytest.fixture(scope="session")
def documents(django_db_setup, django_db_blocker, tmp_path_factory, worker_id):
    """Every page in every state, requested once."""
    with django_db_blocker.unblock():
        return collected_once(tmp_path_factory.mktemp("documents"), worker_id, collect)


@pytest.fixture
def complaints():
    """The messages in the page's console: script errors, blocked styles and scripts, missing files."""
    return []


@pytest.fixture
def page(page, live_server, complaints):
    page.set_default_timeout(10_000)
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def visit(page, live_server):
    return lambda path: page.goto(live_server.url + path)


@pytest.fixture
def log_in(context, live_server, client):
    """Opens a session without the form, which has a test of its own."""

    def log_in(user):
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        context.add_cookies([cookie])

    return log_in


def session_of(user, live_server):
    """The cookie of a fresh log-in."""
    session = log_in_freshly(Client(), user).session.session_key
    return {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def has_scripts(request):
    return request.param


@pytest.fixture
def page_of(has_scripts, browser, live_server):
    """Opens a page on a phone, in a browser of its own, as this person."""
    contexts = []

    def page_of(user=None):
        options = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
        options |= {"java_script_enabled": has_scripts, "base_url": live_server.url}
        contexts.append(browser.new_context(**options))
        if user:
            contexts[-1].add_cookies([session_of(user, live_server)])
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        return page

    yield page_of
    for context in contexts:
        context.close()


@pytest.fixture
def type_log_in(page, visit):
    def type_log_in(email):
        visit("/accounts/login/")
        page.locator("#id_login").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()

    return type_log_in


@pytest.fixture
def open_conference(db):
    """An open conference with candidates, and one that is decided."""
    conference = make_conference(
        title="Open Conf", slug="open-conf", voting="open", place="Athens", agenda="## Talks\n\n- one"
    )
    for name in ("Bob", "Carol", "Dora"):
        make_pitch(make_membership(conference, name=name), headline=f"{name}'s talk", statement="**Listen.**")
    return conference


@pytest.fixture
def vote():
    return make_vote


@pytest.fixture
def alice_member(open_conference):
    return make_membership(open_conference, name="Alice")
