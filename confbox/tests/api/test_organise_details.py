"""The details of a conference, as programs of its team change them."""

import pytest

from accounts.models import AdminAct
from confbox.tests.api.answers import fields
from confbox.tests.api.organising import owner_of_series, program_of, program_of_stranger
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db):
    return make_conference(status="draft", place="Berlin, Germany", time_zone="Europe/Berlin")


@pytest.fixture
def owner(draft):
    return program_of(draft)


def change(program, conference, **values):
    return program.post(f"conferences/{conference.slug}/organise/details/", values)


def stored(conference):
    return Conference.objects.select_related("election").get(pk=conference.pk)


def test_what_is_left_out_stays(owner, draft):
    before = Conference.objects.values().get(pk=draft.pk)
    assert change(owner, draft, agenda="New *agenda*").json()["agenda"] == "New *agenda*"
    after = Conference.objects.values().get(pk=draft.pk)
    assert {name for name in after if after[name] != before[name]} == {"agenda", "updated_at"}


def test_same_details_again_change_nothing(owner, draft):
    first, second = (change(owner, draft, title="New title").json() for _ in range(2))
    assert first == second
    assert AdminAct.objects.filter(act="change").count() == 1


def test_times_are_those_that_were_sent(owner, draft):
    times = {"starts_at": "2027-05-01T09:00:00+02:00", "ends_at": "2027-05-02T18:00:00+02:00"}
    vote = {"voting_opens_at": "2027-03-01T08:00:00Z", "voting_closes_at": "2027-03-15T19:00:00Z"}
    found = change(owner, draft, **times, **vote).json()
    assert (found["starts_at"], found["ends_at"]) == ("2027-05-01T07:00:00Z", "2027-05-02T16:00:00Z")
    assert {name: found[name] for name in vote} == vote
    assert change(owner, draft, voting_opens_at=None, voting_closes_at=None).json()["voting_opens_at"] is None


def test_times_of_day_stay_in_another_time_zone(owner, draft):
    change(owner, draft, starts_at="2027-05-01T07:00:00Z", ends_at="2027-05-02T16:00:00Z")
    found = change(owner, draft, time_zone="America/New_York").json()
    assert found["starts_at"] == "2027-05-01T13:00:00Z"


def test_switch_is_turned_off(owner, draft):
    assert change(owner, draft, members_are_listed=False).json()["members_are_listed"] is False
    assert change(owner, draft, topic="Other").json()["members_are_listed"] is False


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": None}, "starts_at"),
        ({"contact_email": "no address"}, "contact_email"),
        ({"series": 999}, "series"),
    ],
)
def test_refused_value_is_named(owner, draft, values, field):
    before = Conference.objects.values().get(pk=draft.pk)
    assert field in fields(change(owner, draft, **values))
    assert Conference.objects.values().get(pk=draft.pk) == before


def test_slug_changes_only_in_a_draft(owner, draft, conference):
    assert change(owner, draft, slug="free-conf").json()["slug"] == "free-conf"
    program = program_of(conference)
    assert fields(change(program, conference, slug="other-conf")) == ["slug"]
    assert change(program, conference, slug=conference.slug).status_code == 200


def test_what_members_are_notified_of_is_no_detail(conference):
    make_membership(conference)
    program = program_of(conference)
    assert fields(change(program, conference, place="Paris, France")) == ["place"]
    assert change(program, conference, agenda="New").status_code == 200
    assert stored(conference).agenda == "New"


def test_window_of_an_open_vote_is_no_detail():
    found = make_conference(voting="open")
    response = change(program_of(found), found, voting_closes_at="2099-01-01T00:00:00Z")
    assert "voting_closes_at" in fields(response)


def test_details_that_have_changed_since_are_refused(owner, draft):
    path = f"conferences/{draft.slug}/organise/details/"
    seen = owner.get(path).json()["seen"]
    assert change(owner, draft, agenda="One", seen=seen).status_code == 200
    assert change(owner, draft, agenda="Two", seen=seen).status_code == 409
    assert stored(draft).agenda == "One"


def test_conference_moves_only_to_a_series_of_its_owner():
    program, series = owner_of_series()
    found = make_conference(series=series, status="draft")
    assert fields(change(program, found, series=make_series().pk)) == ["series"]
    assert stored(found).series == series
    own = make_series()
    make_team_member(own, Role.OWNER, user=series.team.get().person)
    assert change(program, found, series=own.pk).json()["series"] == own.pk


def test_who_may_not_change_a_conference_finds_none(draft):
    assert change(program_of_stranger(), draft, title="X").status_code == 404
    observer = program_of(draft, Role.OBSERVER)
    assert observer.get(f"conferences/{draft.slug}/organise/details/").status_code == 200
    assert change(observer, draft, title="X").status_code == 404
    assert stored(draft).title == draft.title
