"""Who has to log in or sign up on the way to something comes back to it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse
from conferences.tests.admission import code_for
from conferences.tests.teams import make_team_member
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
WAYS = {"/accounts/login/", "/accounts/signup/"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def ways_back(answer):
    """Where the links of the header to log in and sign up lead afterwards."""
    links = [urlsplit(link) for link in parse(answer).attributes("#main-links a", "href")]
    return {tuple(parse_qs(link.query).get("next", [""])) for link in links if link.path in WAYS}


def typed_code(conference):
    return "/j/"


def link_of_a_code(conference):
    return f"/j/{code_for(conference).code}/"


def code_that_is_over(conference):
    return f"/j/{code_for(conference, ended_at=timezone.now()).code}/"


def shared_candidate(conference):
    member = conference.memberships.first()
    pitch = make_pitch(member)
    type(pitch).objects.update(shared_at=timezone.now())
    return f"/conferences/{conference.slug}/candidates/{member.pk}/"


def page_of_conference(conference):
    return f"/conferences/{conference.slug}/"


PUBLIC = [typed_code, link_of_a_code, code_that_is_over, shared_candidate, page_of_conference]
WITH_LOG_IN = ["ticket/", "join/code/", "join/request/", "results/", "ballot/", "members/"]


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("path_of", PUBLIC)
def test_header_of_a_public_page_leads_back_to_it(client, conference, path_of):
    path = path_of(conference)
    assert ways_back(client.get(path)) == {(path,)}


@pytest.mark.parametrize("end", WITH_LOG_IN)
def test_page_that_needs_a_log_in_is_where_the_log_in_and_the_sign_up_lead(client, conference, end):
    path = f"/conferences/{conference.slug}/{end}"
    assert ways_back(client.get(path, follow=True)) == {(path,)}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_refused_form_keeps_the_way_back(client, way):
    refused = client.post(way, {"next": "/j/", "login": "a@example.org", "password": "x"})
    assert ways_back(refused) == {("/j/",)}


def test_who_waits_for_a_code_and_remembers_their_account_comes_back(client):
    typed = {"name": "Nia", "email": "nia@example.org", "password1": PASSWORD, "next": "/j/"}
    assert ways_back(client.post("/accounts/signup/", typed, follow=True)) == {("/j/",)}


def test_who_logs_in_to_see_the_organiser_comes_back_to_the_conference(client, conference):
    make_team_member(conference, "owner", user=make_user("olga@example.org", name="Olga Owner"))
    path = f"/conferences/{conference.slug}/"
    assert f"/accounts/login/?next={path}" in parse(client.get(path)).attributes("main a", "href")
