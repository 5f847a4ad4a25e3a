"""What is refused in a rehearsal, as it would outlive it or reach people outside the team."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.clock import database_now
from confbox.kit.tests.page import parse
from conferences.admission.actions import make_code
from conferences.changes.deletion import delete_conference
from conferences.copying.actions import copy_conference
from conferences.copying.dates import Dates
from conferences.models import Conference, Role, Series, TeamInvitation
from conferences.teams.actions import invite_to_team
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from voting.rehearsal.actions import start_rehearsal
from voting.rehearsal.playing import play_rehearsals
from voting.tests.timetable import pass_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return make_team_member(make_series(), Role.OWNER).person


@pytest.fixture
def twin(owner):
    conference = make_conference(title="PyCon Example", series=Series.objects.get(), voting=None)
    start_rehearsal(conference=conference, by=Actor(owner))
    return Conference.objects.get(rehearses=conference)


@pytest.fixture
def as_owner(owner):
    return log_in_freshly(Client(), owner)


def page_of(twin):
    return f"/admin/conferences/conference/{twin.rehearses_id}/rehearsal/"


def refused(act, **values):
    with pytest.raises(ValidationError) as refusal:
        act(**values)
    return refusal.value.messages[0]


def test_no_one_is_invited_to_its_team(twin, owner):
    sentence = refused(
        invite_to_team, scope=twin, email="new@example.org", role=Role.OBSERVER, by=Actor(owner)
    )
    assert sentence.startswith("This is a rehearsal")
    assert not TeamInvitation.objects.exists()
    assert not mail.outbox


def test_the_page_of_its_team_offers_no_invitation(twin, as_owner):
    page = parse(as_owner.get(f"/admin/conferences/conference/{twin.pk}/team/"))
    assert not page.has("#invite-title")


def test_it_is_not_copied(twin, owner, as_owner):
    soon = database_now() + timedelta(days=20)
    values = {"title": "Copy", "slug": "copy", "series": twin.series, "dates": Dates(soon, soon)}
    assert refused(copy_conference, source=twin, by=Actor(owner), **values).startswith("This is a rehearsal")
    assert not Conference.objects.filter(slug="copy").exists()
    page = parse(as_owner.get(f"/admin/conferences/conference/{twin.pk}/"))
    assert not page.has('a[href$="/copy/"]')


def test_it_is_ended_and_not_deleted(twin, owner):
    assert "End it" in refused(delete_conference, conference=twin, title=twin.title, by=Actor(owner))
    assert User.objects.invented().count() == 20


def test_it_stays_in_its_series(twin, owner, as_owner):
    other = make_team_member(make_series(), Role.OWNER, user=owner).series
    page = f"/admin/conferences/conference/{twin.pk}/change/"
    assert not parse(as_owner.get(page)).has("select[name=series]")
    as_owner.post(page, {"series": other.pk, "title": twin.title})
    twin.refresh_from_db()
    assert twin.series_id != other.pk


def test_a_join_code_of_it_lets_no_one_in_and_names_nothing(twin, owner):
    code = make_code(conference=twin, expires_at=None, most_uses=None, by=Actor(owner))
    client = Client()
    client.force_login(make_user("stranger@example.org"))
    answer = client.get(f"/j/{code.code}/", follow=True)
    assert "PyCon Example" not in parse(answer).raw_text
    client.post(f"/j/{code.code}/")
    client.post("/j/", {"code": code.code})
    assert not twin.memberships.filter(user__email="stranger@example.org").exists()


def test_real_people_are_all_but_those_who_are_invented(twin, owner):
    real = make_user("rehearsal-team@example.org")
    also = make_user("someone@rehearsal.invalid.example.org")
    assert set(User.objects.real()) == {owner, real, also}
    assert User.objects.invented().count() == 20


def test_the_people_who_are_invented_stay_known_when_its_web_address_changes(twin):
    Conference.objects.filter(pk=twin.pk).update(slug="other-address")
    pass_time(twin, timedelta(seconds=20))
    play_rehearsals()
    assert twin.memberships.filter(user__in=User.objects.invented()).count() == 11


def test_its_overview_asks_for_nothing(twin, as_owner):
    page = parse(as_owner.get(f"/admin/conferences/conference/{twin.pk}/"))
    assert not page.has('.checklist a[href$="/joining/"]')
    assert page.mentions("Invented people join automatically")


def test_all_of_the_team_watch_and_only_those_who_may_change_it_end_it(twin, owner):
    observer = make_team_member(twin.series, Role.OBSERVER).person
    client = Client()
    client.force_login(observer)
    page = parse(client.get(f"/admin/conferences/conference/{twin.rehearses_id}/rehearsal/"))
    assert page.has("#live")
    assert "?end" not in page.links
    assert not parse(client.get(f"{page_of(twin)}?end")).has("button[name=wish]")


def test_ending_it_is_confirmed_on_a_page_that_changes_nothing(twin, as_owner):
    page = parse(as_owner.get(page_of(twin)))
    assert "?end" in page.links
    assert not page.has("button[name=wish]")
    asked = parse(as_owner.get(f"{page_of(twin)}?end"))
    assert "This cannot be undone." in asked.text
    assert asked.attributes(".desk-panel form", "action") == [page_of(twin)]
    assert Conference.objects.filter(pk=twin.pk).exists()
    ended = parse(as_owner.post(page_of(twin), {"wish": "end"}, follow=True))
    assert ended.messages == ["The rehearsal has ended, and nothing of it is left."]
    assert "Start the rehearsal" in parse(as_owner.get(f"{page_of(twin)}?end")).buttons


def test_its_dates_are_those_of_the_conference_if_they_are_ahead(twin):
    assert (twin.starts_at, twin.ends_at) == (twin.rehearses.starts_at, twin.rehearses.ends_at)


def test_dates_that_have_passed_are_moved_by_weeks(owner):
    past = make_conference(starts_in_days=-40, series=Series.objects.get(), voting=None)
    start_rehearsal(conference=past, by=Actor(owner))
    moved = Conference.objects.get(rehearses=past)
    assert (moved.starts_at - past.starts_at) % timedelta(weeks=1) == timedelta()
    assert not moved.is_over()


def test_a_page_that_still_asks_is_loaded_anew_when_it_has_ended(twin, as_owner):
    page = f"/admin/conferences/conference/{twin.rehearses_id}/rehearsal/"
    as_owner.post(page, {"wish": "end"})
    assert as_owner.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
