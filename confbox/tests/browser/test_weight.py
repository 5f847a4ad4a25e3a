"""The first view of any page is light: what a browser downloads with an empty cache."""

from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

from conferences.tests.factories import make_conference, make_membership
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.browser

KIB = 1024
STATEMENT = "A talk about what went wrong, what we learned from it and what you can use on Monday. " * 20


@pytest.fixture
def full_pages(open_conference, alice_member):
    for number in range(25):
        make_conference(title=f"A conference with a usual title {number}", place="Somewhere, Far Away")
        person = make_membership(open_conference, name=f"Person Number {number}")
        make_pitch(person, headline="A headline as long as people usually write them", statement=STATEMENT)
    return alice_member.user


def on_the_wire(response):
    """Bytes of a file as the production server sends it: compressed in advance."""
    path = response.url.partition("/static/")[2].partition("?")[0]
    if not path:
        return int(response.headers.get("content-length", len(response.body())))
    content = Path(finders.find(path)).read_bytes()
    return len(brotli.compress(content)) if path.endswith((".css", ".js", ".svg")) else len(content)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conferences/open-conf/",
        "/conferences/open-conf/members/",
        "/conferences/open-conf/ballot/",
        "/me/",
    ],
)
def test_a_first_view_weighs_at_most_60_kib_and_its_html_15(page, live_server, full_pages, log_in, path):
    log_in(full_pages)
    responses = []
    # Playwright cannot call a built-in method.
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108
    page.goto(live_server.url + path, wait_until="networkidle")
    weights = {response.url: on_the_wire(response) for response in responses}
    assert weights[live_server.url + path] <= 15 * KIB
    assert sum(weights.values()) <= 60 * KIB, weights
