"""No link in the admin leads a person of a team to a page that they may not open."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction

from confbox.kit.tests.page import parse
from confbox.tests.two_teams import TwoTeams
from confbox.tests.words_of_the_code import words_of_the_code
from conferences.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
# Enough to see each kind of page several times.
MOST_PAGES = 150
# Filters and orders of lists, which other tests follow.
NOT_FOLLOWED = ("?", "/admin/logout", "/admin/jsi18n")
DOWNLOADS = ("text/csv", "spreadsheet")


def page_at(client, path):
    """The response, without storing what it changed."""
    with transaction.atomic():
        response = client.get(path)
        transaction.set_rollback(True)
    return response


def links_on(response, path):
    found = {urljoin(path, href) for href in parse(response).attributes("a[href]", "href")}
    return {urlsplit(link).path for link in found if link.startswith("/") and "/admin/" in link}


def refused(client):
    """The pages that a person reaches by links, the links that lead to a refusal, and words of the code."""
    seen, waiting, wrong, words = {"/admin/"}, [("/admin/", page_at(client, "/admin/"))], [], []
    while waiting and len(seen) < MOST_PAGES:
        path, response = waiting.pop(0)
        if "text/html" not in response.headers.get("Content-Type", "") or response.status_code != 200:
            continue
        words += [(path, word) for word in words_of_the_code(parse(response).text)]
        for link in sorted(links_on(response, path) - seen):
            seen.add(link)
            waiting.append((link, page_at(client, link)))
            if waiting[-1][1].status_code in (403, 404):
                wrong.append((path, link))
    return seen, wrong, words


@pytest.mark.parametrize("role", Role.values)
def test_no_link_leads_to_a_refusal(roles, role):
    seen, wrong, words = refused(TwoTeams().browser(role))
    assert (wrong, words) == ([], [])
    assert len(seen) > 12


@pytest.mark.slow
def test_no_link_leads_a_site_organiser_to_a_refusal(roles):
    _seen, wrong, words = refused(TwoTeams().browser("site"))
    assert (wrong, words) == ([], [])
