"""In which series a conference can be created, and to which it can be moved."""

import pytest
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from conferences.tests.test_conference_admin import NEW, typed

pytestmark = pytest.mark.django_db
ADD = "/admin/conferences/conference/add/"


def browser_of(member):
    return log_in_freshly(Client(), member.person)


def offered(client):
    return [name for name in parse(client.get(ADD)).texts("[name=series] option") if name.strip("-")]


@pytest.mark.parametrize("role", Role.values)
def test_owners_and_organisers_of_a_series_create_conferences_in_it(role):
    series = make_series()
    client = browser_of(make_team_member(series, role))
    if role in ("owner", "organiser"):
        client.post(ADD, NEW | {"series": series.pk})
        assert Conference.objects.get().series == series
        return
    assert client.get(ADD).status_code == client.post(ADD, NEW | {"series": series.pk}).status_code == 403
    assert not Conference.objects.exists()


@pytest.mark.parametrize("role", Role.values)
def test_role_in_a_single_conference_creates_none(conference, role):
    client = browser_of(make_team_member(conference, role))
    assert client.get(ADD).status_code == client.post(ADD, NEW).status_code == 403
    assert Conference.objects.count() == 1


def test_person_with_roles_in_several_series_chooses_among_those(conference):
    member = make_team_member(make_series(name="Own"), Role.OWNER)
    make_team_member(make_series(name="Organised"), Role.ORGANISER, user=member.person)
    make_team_member(make_series(name="Observed"), Role.OBSERVER, user=member.person)
    make_team_member(conference, Role.OWNER, user=member.person)
    make_series(name="Foreign")
    assert offered(browser_of(member)) == ["Organised", "Own"]


def chosen(client):
    return parse(client.get(ADD)).attributes("[name=series] option[selected]", "value")


def test_only_series_of_a_person_is_chosen_from_the_start():
    member = make_team_member(make_series(), Role.OWNER)
    assert chosen(browser_of(member)) == [str(member.series_id)]
    make_team_member(make_series(), Role.ORGANISER, user=member.person)
    assert chosen(browser_of(member)) == [""]


def test_who_may_leave_the_series_out_starts_without_one(as_organiser):
    make_series()
    assert chosen(as_organiser) == [""]


@pytest.mark.parametrize("role", [Role.OBSERVER, None])
def test_forged_series_is_refused(role):
    member, other = make_team_member(make_series(), Role.OWNER), make_series()
    if role:
        make_team_member(other, role, user=member.person)
    client = browser_of(member)
    for series in (other.pk, 999_999, ""):
        assert parse(client.post(ADD, NEW | {"series": series})).errors
    assert not Conference.objects.exists()


def test_site_organiser_creates_in_every_series_and_outside(as_organiser):
    series = make_series()
    as_organiser.post(ADD, NEW | {"series": series.pk})
    as_organiser.post(ADD, NEW | {"series": "", "slug": "other"})
    assert set(Conference.objects.values_list("series", flat=True)) == {series.pk, None}


@pytest.mark.parametrize("role", [*Role.values, None])
def test_moving_needs_the_right_to_create_in_the_other_series(role):
    series, other = make_series(), make_series()
    member = make_team_member(series, Role.OWNER)
    if role:
        make_team_member(other, role, user=member.person)
    conference = make_conference(series=series)
    client = browser_of(member)
    sent = typed(client, conference, series=other.pk)
    client.post(f"/admin/conferences/conference/{conference.pk}/change/", sent)
    conference.refresh_from_db()
    assert conference.series == (other if role in ("owner", "organiser") else series)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ORGANISER])
def test_moving_needs_an_owner_of_the_series_it_leaves(role):
    series, other = make_series(), make_series()
    member = make_team_member(series, role)
    make_team_member(other, Role.OWNER, user=member.person)
    conference = make_conference(series=series)
    client = browser_of(member)
    sent = typed(client, conference, title="Saved") | {"series": other.pk}
    client.post(f"/admin/conferences/conference/{conference.pk}/change/", sent)
    conference.refresh_from_db()
    assert conference.title == "Saved"
    assert conference.series == (other if role == Role.OWNER else series)


def test_owner_of_the_conference_alone_does_not_take_it_out_of_its_series():
    series, other = make_series(), make_series()
    conference = make_conference(series=series)
    member = make_team_member(conference, Role.OWNER)
    make_team_member(other, Role.OWNER, user=member.person)
    client = browser_of(member)
    sent = typed(client, conference, title="Saved") | {"series": other.pk}
    client.post(f"/admin/conferences/conference/{conference.pk}/change/", sent)
    conference.refresh_from_db()
    assert (conference.title, conference.series) == ("Saved", series)


def zone_from_the_start(client):
    """The one that is chosen; None if a script is to choose the browser's."""
    page = parse(client.get(ADD))
    if page.has("#id_time_zone[data-time-zone]"):
        return None
    return page.attributes("#id_time_zone option[selected]", "value")[0]


def test_time_zone_of_the_last_conference_of_the_series_is_chosen_from_the_start():
    series = make_series()
    member = make_team_member(series, Role.ORGANISER)
    assert zone_from_the_start(browser_of(member)) is None
    elsewhere = make_conference(time_zone="Asia/Tokyo")
    make_team_member(elsewhere, Role.OBSERVER, user=member.person)
    assert zone_from_the_start(browser_of(member)) == "Asia/Tokyo"
    for zone in ("Europe/Berlin", "Africa/Cairo"):
        make_conference(series=series, time_zone=zone)
    make_conference(time_zone="America/Lima")
    assert zone_from_the_start(browser_of(member)) == "Africa/Cairo"


def test_time_zone_of_their_own_last_conference_is_chosen_for_site_organisers(as_organiser, organiser):
    make_conference(time_zone="Asia/Tokyo")
    assert zone_from_the_start(as_organiser) is None
    make_conference(time_zone="Africa/Cairo", created_by=organiser)
    assert zone_from_the_start(as_organiser) == "Africa/Cairo"


def test_time_zone_that_was_chosen_stays_in_a_refused_form(as_organiser):
    page = parse(as_organiser.post(ADD, NEW | {"title": "", "time_zone": "Asia/Tokyo"}))
    assert page.attributes("#id_time_zone option[selected]", "value") == ["Asia/Tokyo"]
    assert not page.has("[data-time-zone]")
