"""Two conferences of one title: organisers see which of them a page or an email is about."""

import pytest
from django.core import mail
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.namesakes import full_title
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from voting.tests.consent import cancel, make_team

pytestmark = pytest.mark.django_db
ADMIN = "/admin/conferences/conference"


@pytest.fixture
def camp():
    return make_conference(title="Zine Camp", slug="zine-camp-2", voting="open")


@pytest.fixture
def namesake(camp):
    return make_conference(title="Zine Camp", slug="zine-camp")


def fresh(conference):
    return Conference.objects.get(pk=conference.pk)


@pytest.mark.parametrize("page", ["cancel", "unpublish", "move", "delete-with-team", "merge"])
def test_pages_that_change_a_conference_have_its_web_address(as_organiser, camp, namesake, page):
    shown = parse(as_organiser.get(f"{ADMIN}/{camp.pk}/{page}/"))
    assert "Zine Camp (zine-camp-2)" in shown.part("#content").text


@pytest.mark.parametrize("page", ["cancel", "unpublish", "move"])
def test_where_there_is_only_one_its_title_is_enough(as_organiser, camp, page):
    assert "zine-camp-2" not in parse(as_organiser.get(f"{ADMIN}/{camp.pk}/{page}/")).part("#content").text


@pytest.mark.parametrize("page", ["/admin/", f"{ADMIN}/"])
def test_lists_of_conferences_have_it(as_organiser, camp, namesake, page):
    shown = parse(as_organiser.get(page)).text
    assert "Zine Camp (zine-camp-2)" in shown
    assert "Zine Camp (zine-camp)" in shown


def test_the_second_person_reads_it_on_the_page_in_the_list_and_in_the_email(camp, namesake):
    first, second = make_team(camp, "window", "cancelling")
    asked = cancel(camp).ask(first)
    browser = log_in_freshly(Client(), second)
    pages = (f"{ADMIN}/{camp.pk}/second-person/{asked.pk}/", "/admin/conferences/conference/second-person/")
    for page in pages:
        assert "Zine Camp (zine-camp-2)" in parse(browser.get(page)).part("#content").text
    assert "/conferences/zine-camp-2/" in mail.outbox[-1].body.split("\n\n")[0]


def test_an_email_about_the_only_one_does_not_name_its_web_address_first(camp):
    first, _second = make_team(camp, "window", "cancelling")
    cancel(camp).ask(first)
    assert "Two conferences" not in mail.outbox[-1].body


@pytest.mark.parametrize("columns", [{"status": "draft"}, {"visibility": "members_only"}])
def test_one_that_another_team_keeps_to_itself_is_not_given_away(camp, namesake, columns):
    Conference.objects.filter(pk=namesake.pk).update(**columns)
    assert full_title(fresh(camp)) == "Zine Camp"


@pytest.mark.parametrize("column", ["series", "created_by"])
def test_a_draft_of_the_same_team_counts(camp, namesake, column):
    Conference.objects.filter(pk=namesake.pk).update(status="draft")
    series = make_series()
    value = series if column == "series" else make_team_member(series, Role.OWNER).person
    Conference.objects.update(**{column: value})
    assert full_title(fresh(camp)) == "Zine Camp (zine-camp-2)"


def test_its_rehearsal_is_no_namesake(camp, namesake):
    Conference.objects.filter(pk=namesake.pk).update(rehearses=camp.pk)
    assert full_title(fresh(camp)) == "Zine Camp"
