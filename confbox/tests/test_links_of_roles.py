"""Every link that a person with a role sees in the admin leads somewhere, on the data of the demo."""

import functools
from collections import Counter, deque
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import resolve

from accounts.models import User
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]

# So many links from one kind of page to another are followed.
MOST_OF_A_ROUTE = 4
START = ["/admin/", "/me/"]
# The five roles in a series, the owner of a single conference, and a candidate with a role elsewhere.
PEOPLE = ["owner", "organiser", "reviewer", "helpdesk", "observer", "tomas", "kwame"]


@pytest.fixture
def demo(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    call_command("load_demo", verbosity=0)
    # Pages of members that only members may open.
    Conference.objects.filter(slug="devopscon-munich").update(visibility="members_only")


def links_on(path, answer):
    if "html" not in answer["Content-Type"]:
        return
    for link in parse(answer).links:
        target = urlsplit(urljoin(f"http://testserver{path}", link))
        if target.netloc == "testserver" and "/logout" not in target.path:
            yield target.path + (f"?{target.query}" if target.query else "")


@functools.cache
def route_of(path):
    """Pages have the same links in their header and footer, and finding the route of one takes long."""
    return resolve(path).route


def broken_links(client, start=START):
    """The links that lead nowhere or are refused, with the page on which they are."""
    todo, seen, followed = deque((path, "") for path in start), set(start), Counter()
    while todo:
        path, page = todo.popleft()
        answer = client.get(path)
        if answer.status_code >= 400:
            yield f"{answer.status_code} {path} on {page}"
        if not path.startswith(("/admin/", "/me/")) or answer.status_code != 200:
            continue
        for link in links_on(path, answer):
            route = route_of(urlsplit(link).path), route_of(urlsplit(path).path)
            if link not in seen and followed[route] < MOST_OF_A_ROUTE:
                followed[route] += 1
                seen.add(link)
                todo.append((link, path))


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("login", PEOPLE)
def test_every_link_of_a_person_with_a_role_leads_somewhere(client, login):
    log_in_freshly(client, User.objects.get(email=f"{login}@example.org"))
    assert list(broken_links(client)) == []


@pytest.mark.usefixtures("demo")
def test_control_a_link_that_leads_nowhere_is_found(client):
    log_in_freshly(client, User.objects.get(email="helpdesk@example.org"))
    tallies = "/admin/voting/votes/"
    assert list(broken_links(client, start=[tallies])) == [f"403 {tallies} on "]
