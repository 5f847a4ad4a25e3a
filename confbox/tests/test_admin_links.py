"""Links of Django's own pages: who is led to an object on the site, and where “Add” leads."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.teams import make_team_member


def link_to(row, pk=None):
    return f"/admin/r/{ContentType.objects.get_for_model(row).pk}/{pk or row.pk}/"


@pytest.fixture
def as_staff(client, db):
    client.force_login(make_user("staff@example.org", is_staff=True))
    return client


@pytest.mark.parametrize("status", Conference.Status.values)
def test_staff_without_rights_learn_no_address(as_staff, conference, status):
    Conference.objects.filter(pk=conference.pk).update(status=status, stopped_at=timezone.now())
    assert as_staff.get(link_to(conference)).status_code == 404


def test_staff_without_rights_learn_nothing_about_members(as_staff, alice):
    assert as_staff.get(link_to(alice)).status_code == 404


def test_organiser_is_led_to_the_page(as_organiser, conference):
    assert as_organiser.get(link_to(conference)).url == "/conferences/open-conf/"


def test_draft_has_no_page(as_organiser, conference):
    Conference.objects.filter(pk=conference.pk).update(status="draft")
    assert as_organiser.get(link_to(conference)).status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "x", "9" * 30, "1/2"])
def test_what_does_not_exist_is_not_found(as_organiser, conference, number):
    assert as_organiser.get(link_to(conference, number)).status_code == 404
    assert as_organiser.get(f"/admin/r/{number}/{conference.pk}/").status_code == 404


def test_row_without_a_page_is_not_found(as_organiser, organiser):
    assert as_organiser.get(link_to(organiser)).status_code == 404


def test_anonymous_logs_in_first(client, conference):
    assert client.get(link_to(conference)).url.startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/admin/", "/admin/conferences/"])
def test_adding_a_conference_leads_to_the_steps(as_organiser, path):
    links = parse(as_organiser.get(path)).attributes("a.addlink", "href")
    assert "/admin/conferences/conference/create/" in links
    assert "/admin/conferences/conference/add/" not in links


def test_those_who_create_no_conferences_have_no_link_to_add_one(as_staff, conference):
    make_team_member(conference, Role.OBSERVER, user=User.objects.get(email="staff@example.org"))
    links = parse(as_staff.get("/admin/")).attributes("a.addlink", "href")
    assert "/admin/conferences/conference/create/" not in links


ROLES = [(role, page) for role in (*Role.values, "site") for page in ("/admin/", "/admin/voting/campaign/")]


@pytest.mark.parametrize(("role", "page"), ROLES)
def test_who_opens_the_admin_first_and_logs_in_is_led_to_it(client, roles, conference, role, page):
    site = role == "site"
    person = make_organiser("site@example.org") if site else make_team_member(conference, role).person
    log_in = client.get(page, follow=True).redirect_chain[-1][0]
    answer = client.post(log_in, {"login": person.email, "password": PASSWORD}, follow=True)
    assert (answer.request["PATH_INFO"], answer.status_code) == (page, 200)


@pytest.mark.parametrize(
    ("there", "led"), [("/admin/", "/admin/"), ("https://elsewhere.example/", "/admin/"), ("", "/admin/")]
)
def test_who_is_logged_in_is_led_on_from_the_log_in_of_the_admin_and_never_off_the_site(
    client, conference, there, led
):
    client.force_login(make_team_member(conference, Role.OWNER).person)
    assert client.get("/admin/login/", {"next": there}).url == led
