"""The admin's list of conferences names their series, finds them by it and filters by it."""

import pytest

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.models import Role
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db
LIST = "/admin/conferences/conference/"


def shown(client, query=""):
    return parse(client.get(f"{LIST}{query}"))


def titles(client, query=""):
    return shown(client, query).texts("#result_list .field-full_title")


def series_to_choose(client):
    links = [link for link in shown(client).links if "series=" in link]
    return {link.partition("series=")[2] for link in links}


@pytest.fixture
def guild():
    return make_conference(title="Autumn", series=make_series(name="Guild")).series


@pytest.fixture
def union():
    return make_conference(title="Spring", series=make_series(name="Union")).series


def test_list_names_the_series(as_organiser, guild):
    assert shown(as_organiser).texts("#result_list .field-series") == ["Guild"]


def test_search_finds_the_conferences_of_a_series(as_organiser, guild, union):
    assert titles(as_organiser, "?q=guild") == ["Autumn"]


def test_series_filter_finds_its_conferences(as_organiser, guild, union):
    assert titles(as_organiser, f"?series={guild.pk}") == ["Autumn"]


def test_series_filter_offers_those_of_ones_own_conferences(client, guild, union):
    make_conference(series=make_series(name="Of others"))
    person = make_user("runs@example.org")
    for scope in (guild, union.conferences.get()):
        make_team_member(scope, Role.OBSERVER, user=person)
    assert series_to_choose(log_in_freshly(client, person)) == {str(guild.pk), str(union.pk)}


def test_one_series_is_no_choice(client, guild, union):
    person = make_team_member(guild, Role.OBSERVER).person
    assert series_to_choose(log_in_freshly(client, person)) == set()


@pytest.mark.parametrize("value", ["nonsense", "0", "9" * 30, ""])
def test_unknown_series_filters_nothing(as_organiser, guild, union, value):
    assert set(titles(as_organiser, f"?series={value}")) == {"Autumn", "Spring"}
