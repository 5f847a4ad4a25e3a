"""The admin's list of the members of one conference."""

import pytest

from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db


def names(client, conference):
    page = client.get("/admin/conferences/membership/", {"conference__id__exact": conference.pk})
    return parse(page).texts("#result_list tbody th")


def test_conference_that_no_one_has_joined_shows_no_members_of_the_only_other(as_organiser, conference):
    make_membership(conference, name="Ada")
    assert names(as_organiser, make_conference()) == []
    assert names(as_organiser, conference) == ["Ada"]


def test_team_sees_no_members_of_its_other_conference(client):
    series = make_series()
    joined, empty = make_conference(series=series), make_conference(series=series)
    make_membership(joined, name="Ada")
    log_in_freshly(client, make_team_member(series).person)
    assert names(client, empty) == []
    assert names(client, joined) == ["Ada"]
