"""Who may move a conference to another series: its owner, if they may create conferences where it is."""

import pytest

from accounts.models import User
from accounts.tests.factories import make_organiser
from conferences.models import Role
from conferences.teams.series_field import may_move
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db


def fresh(user):
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(("role", "expected"), [("owner", True), ("organiser", False), ("observer", False)])
def test_owner_of_a_series_takes_a_conference_out_of_it(role, expected):
    series = make_series()
    person = make_team_member(series, role).person
    assert may_move(fresh(person), make_conference(series=series)) is expected


@pytest.mark.parametrize(("role", "expected"), [("owner", True), ("organiser", False)])
def test_owner_of_a_conference_without_series_brings_it_into_one(role, expected):
    conference = make_conference()
    assert may_move(fresh(make_team_member(conference, role).person), conference) is expected


def test_owner_of_one_conference_does_not_take_it_out_of_the_series_of_others():
    conference = make_conference(series=make_series())
    person = make_team_member(conference, Role.OWNER).person
    assert not may_move(fresh(person), conference)


def test_organiser_of_the_site_moves_any(roles):
    assert may_move(make_organiser("site@example.org"), make_conference(series=make_series()))
