"""Conferences as programs of organisers list and create them."""

import pytest

from confbox.tests.api.answers import fields, kind
from confbox.tests.api.organising import owner_of_series, program_of, program_of_stranger
from conferences.models import Admission, Conference, Role
from conferences.tests.factories import make_conference

pytestmark = pytest.mark.django_db
NEW = {"title": "Open Conf", "place": "Berlin, Germany", "first_day": "2027-05-01", "last_day": "2027-05-02"}


@pytest.fixture
def owner(db):
    return owner_of_series()


def slugs(response):
    return [item["slug"] for item in response.json()["items"]]


def created(program, **values):
    response = program.post("organise/conferences/", NEW | values)
    assert response.status_code == 200, response.content
    return response.json()


def test_list_has_only_what_the_person_runs(owner):
    program, series = owner
    mine = make_conference(series=series, status="draft")
    make_conference()
    assert slugs(program.get("organise/conferences/")) == [mine.slug]
    assert slugs(program_of_stranger().get("organise/conferences/")) == []


def test_list_of_a_token_for_some_conferences_has_only_these(owner):
    _program, series = owner
    one, _other = make_conference(series=series), make_conference(series=series)
    assert slugs(program_of(series, conferences=[one]).get("organise/conferences/")) == [one.slug]


def test_list_is_filtered_by_status_and_words(owner):
    program, series = owner
    draft = make_conference(series=series, status="draft", title="Small talks")
    make_conference(series=series)
    assert slugs(program.get("organise/conferences/?status=draft")) == [draft.slug]
    assert slugs(program.get("organise/conferences/?q=small")) == [draft.slug]


def test_one_conference_has_its_checklist(owner):
    program, series = owner
    found = make_conference(series=series, status="draft")
    one = program.get(f"conferences/{found.slug}/organise/").json()
    assert {line["name"]: line["state"] for line in one["checklist"]}["published"] == "refuses"
    assert "not published" in one["missing"]


STEPS = {
    "what/": {"title": "X", "place": "Y"},
    "when/": {"first_day": "2027-05-01"},
    "who/": {"who": "link"},
}


@pytest.mark.parametrize("step", STEPS)
def test_conference_of_another_team_is_not_found(owner, step):
    program, _series = owner
    url = f"conferences/{make_conference(status='draft').slug}/organise/"
    assert program.get(url).status_code == 404
    assert program.post(f"{url}{step}", STEPS[step]).status_code == 404


def test_conference_is_created_in_one_request(owner):
    program, series = owner
    made = created(program, who="roster")
    stored = Conference.objects.get(slug=made["slug"])
    assert (stored.series, stored.status, stored.time_zone) == (series, "draft", "Europe/Berlin")
    assert (made["starts_at"], made["ends_at"]) == ("2027-04-30T22:00:00Z", "2027-05-02T21:59:00Z")
    assert stored.election.opens_at is not None
    assert Admission.objects.get(conference=stored).roster


def test_same_conference_is_created_once(owner):
    program, _series = owner
    assert created(program)["id"] == created(program)["id"]
    assert Conference.objects.count() == 1


def test_times_of_the_vote_are_those_that_were_sent(owner):
    program, _series = owner
    times = {"voting_opens_at": "2027-03-01T09:00:00+01:00", "voting_closes_at": "2027-03-15T20:00:00+01:00"}
    voting = created(program, **times)["voting"]
    assert (voting["opens_at"], voting["closes_at"]) == ("2027-03-01T08:00:00Z", "2027-03-15T19:00:00Z")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first_day": "2020-05-01"}, "first_day"),
        ({"last_day": "2027-04-01"}, "last_day"),
        ({"place": "Atlantis"}, "time_zone"),
        ({"title": ""}, "title"),
        ({"series": 999}, "series"),
        ({"first_day": "2040-05-01", "last_day": None}, "first_day"),
    ],
)
def test_refused_conference_is_not_begun(owner, values, field):
    program, _series = owner
    assert field in fields(program.post("organise/conferences/", NEW | values))
    assert not Conference.objects.exists()


def test_only_who_may_create_does(conference):
    response = program_of(conference, Role.OBSERVER).post("organise/conferences/", NEW)
    assert (response.status_code, kind(response)) == (403, "not-permitted")


def test_steps_change_a_draft(owner):
    program, _series = owner
    slug = created(program)["slug"]
    path = f"conferences/{slug}/organise/"
    what = {"title": "Free Conf", "place": "Paris, France"}
    slug = program.post(f"{path}what/", what).json()["slug"]
    assert slug == "free-conf"
    path = f"conferences/{slug}/organise/"
    assert (
        program.post(f"{path}when/", {"first_day": "2027-06-01"})
        .json()["starts_at"]
        .startswith("2027-05-31T22")
    )
    assert program.post(f"{path}who/", {"who": "link"}).json()["visibility"] == "unlisted"


def test_steps_change_no_published_conference(owner):
    program, series = owner
    found = make_conference(series=series)
    response = program.post(f"conferences/{found.slug}/organise/who/", {"who": "link"})
    assert (response.status_code, kind(response)) == (409, "wrong-state")
    found.refresh_from_db()
    assert found.visibility == "public"
