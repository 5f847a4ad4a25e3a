"""Copies, merges and imports of conferences, as programs ask for them."""

import pytest

from accounts.tests.factories import make_organiser
from confbox.tests.api.answers import fields, kind
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import SCOPES, owner_of_series, program_of
from conferences.models import Conference, Membership, Role, RosterEntry
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry

pytestmark = pytest.mark.django_db
FILE = {
    "name": "conferences.csv",
    "content": "name,startDate,endDate,city,country\nOpen Conf,2027-05-01,2027-05-02,Berlin,Germany\n",
}


@pytest.fixture
def owner(db):
    return owner_of_series()


def copy_of(program, source, **values):
    path = f"conferences/{source.slug}/organise/copy/"
    offer = program.get(path).json()
    chosen = {name: offer[name] for name in ("title", "slug", "starts_at", "ends_at")}
    return program.post(path, chosen | {"series": source.series_id} | values)


def test_suggested_copy_is_made_once(owner):
    program, series = owner
    source = make_conference(series=series, title="Open Conf")
    made = [copy_of(program, source, slug="open-conf-next").json() for _ in range(2)]
    assert made[0]["id"] == made[1]["id"] != source.pk
    assert (made[0]["status"], made[0]["title"]) == ("draft", "Open Conf")


def test_roster_is_copied_if_that_is_asked_for(owner):
    program, series = owner
    source = make_conference(series=series)
    make_entry(source, "ada@example.org")
    assert copy_of(program, source, slug="without").status_code == 200
    assert RosterEntry.objects.count() == 1
    assert copy_of(program, source, slug="with", with_roster=True).status_code == 200
    assert RosterEntry.objects.filter(conference__slug="with").count() == 1


def test_copy_without_a_series_is_for_organisers_of_the_site(owner):
    program, series = owner
    assert "series" in fields(copy_of(program, make_conference(series=series), series=None))


def test_copy_of_a_conference_of_another_team_is_not_found(owner):
    program, _series = owner
    assert program.get(f"conferences/{make_conference().slug}/organise/copy/").status_code == 404


def test_duplicate_is_merged_once(owner):
    program, series = owner
    duplicate, stays = (make_conference(series=series, title="Open Conf") for _ in range(2))
    make_membership(duplicate, name="Ada")
    path = f"conferences/{duplicate.slug}/organise/merge/"
    assert [item["slug"] for item in program.get(path).json()["items"]] == [stays.slug]
    path = f"{path}{stays.slug}/"
    offer = program.get(path).json()
    assert (offer["refusals"], len(offer["consequences"]) > 1) == ([], True)
    assert fields(program.post(path, {"address": "other"})) == ["address"]
    body = {"address": duplicate.slug, "seen": offer["seen"]}
    assert [program.post(path, body).json() for _ in range(2)] == [{"conference": stays.slug}] * 2
    assert Membership.objects.get().conference == stays


def test_duplicate_is_merged_into_no_conference_of_another_team(owner):
    program, series = owner
    duplicate, other = make_conference(series=series), make_conference()
    path = f"conferences/{duplicate.slug}/organise/merge/{other.slug}/"
    assert program.get(path).status_code == 404
    assert program.post(path, {"address": duplicate.slug}).status_code == 404
    assert Conference.objects.count() == 2


def test_what_has_changed_since_is_not_merged(owner):
    program, series = owner
    duplicate, stays = (make_conference(series=series) for _ in range(2))
    path = f"conferences/{duplicate.slug}/organise/merge/{stays.slug}/"
    seen = program.get(path).json()["seen"]
    Conference.objects.filter(pk=stays.pk).update(place="Paris, France")
    response = program.post(path, {"address": duplicate.slug, "seen": seen})
    assert (response.status_code, Conference.objects.count()) == (409, 2)


def test_file_of_conferences_is_imported_once(roles):
    program = Program(make_organiser("organiser@example.org"), *SCOPES)
    assert program.post("organise/imports/preview/", FILE).json()["new"] == 1
    assert not Conference.objects.exists()
    counts = [program.post("organise/imports/", FILE).json() for _ in range(2)]
    assert [(plan["new"], plan["known"]) for plan in counts] == [(1, 0), (0, 1)]
    assert Conference.objects.get().status == "draft"


def test_file_with_a_bad_row_is_refused(roles):
    program = Program(make_organiser("organiser@example.org"), *SCOPES)
    bad = FILE | {"content": FILE["content"].replace("2027-05-02", "2027-04-02")}
    assert len(program.post("organise/imports/preview/", bad).json()["refused"]) == 1
    response = program.post("organise/imports/", bad)
    assert (response.status_code, kind(response)) == (409, "rows-refused")
    assert not Conference.objects.exists()


@pytest.mark.parametrize("path", ["organise/imports/", "organise/imports/preview/"])
def test_only_organisers_of_the_site_import(conference, path):
    response = program_of(conference, Role.OWNER).post(path, FILE)
    assert (response.status_code, kind(response)) == (403, "not-permitted")
