"""An organiser who cannot merge or delete a conference reads who can."""

import pytest

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.models import Role
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_conference(title="Throwaway", status="draft", voting=None)


def said_to(client, person, conference):
    log_in_freshly(client, person)
    page = parse(client.get(f"/admin/conferences/conference/{conference.pk}/"))
    return page.part(".overview-owners") if page.has(".overview-owners") else None


def test_an_organiser_of_the_team_reads_the_names_of_the_owners(client, draft):
    make_team_member(draft, Role.OWNER, user=make_user("beatriz@example.org", name="Beatriz Almeida"))
    said = said_to(client, make_team_member(draft, Role.ORGANISER).person, draft)
    assert "An owner can merge this conference into another one, or delete it" in said.text
    assert said.texts("a") == ["Write to Beatriz Almeida"]
    assert said.attributes("a", "href") == ["mailto:beatriz@example.org?subject=Throwaway"]


def test_owners_of_the_series_count(client, draft):
    series = make_series()
    draft.__class__.objects.filter(pk=draft.pk).update(series=series)
    make_team_member(series, Role.OWNER, user=make_user("chiara@example.org", name="Chiara"))
    said = said_to(client, make_team_member(draft, Role.ORGANISER).person, draft)
    assert said.texts("a") == ["Write to Chiara"]


def test_without_owners_the_organisers_of_the_site_do_it(client, draft):
    said = said_to(client, make_team_member(draft, Role.ORGANISER).person, draft)
    assert said.text.startswith("An organiser of the site can merge")
    assert not said.has("a")


@pytest.mark.parametrize("role", [Role.OWNER, Role.OBSERVER, Role.HELP_DESK])
def test_those_who_do_it_themselves_or_change_nothing_do_not_read_it(client, draft, role):
    assert said_to(client, make_team_member(draft, role).person, draft) is None


def test_who_created_a_draft_does_not_read_that_an_owner_deletes_it(client, draft):
    author = make_team_member(draft, Role.ORGANISER).person
    draft.__class__.objects.filter(pk=draft.pk).update(created_by=author)
    assert "delete" not in said_to(client, author, draft).text
