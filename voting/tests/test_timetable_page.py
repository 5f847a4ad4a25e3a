"""What organisers see of the timetable, and how they switch its emails off."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.elections.election.models import Election
from voting.tests.factories import make_vote
from voting.tests.timetable import DAY, MINUTE, make_vote_from, turn
from voting.timetable.actions import switch_notice
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice, SwitchedOffNotice
from voting.timetable.panels import timetable_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(db):
    return make_vote_from(DAY, 11 * DAY, title="Planned Conf")


@pytest.fixture
def rows(organiser):
    def rows(conference):
        found = Conference.objects.as_of_now().select_related("election").get(pk=conference.pk)
        return {row.code: row for row in timetable_of(found, viewer=organiser)}

    return rows


def url(conference):
    return f"/admin/voting/votes/{conference.pk}/timetable/"


def test_every_email_is_listed_with_its_text_and_its_time(rows, planned, organiser):
    make_membership(planned)
    found = rows(planned)
    assert list(found) == list(KINDS)
    assert all(row.draft.subject and row.draft.text for row in found.values())
    assert [row.code for row in found.values() if "  " in row.draft.text] == []
    assert found["opened"].state.state == "planned"
    assert found["opened"].recipients == "1 member"
    assert found["undecided"].recipients == "1 person of the team"


def test_how_many_have_not_voted_is_not_shown(rows, planned):
    members = [make_membership(planned) for _ in range(3)]
    before = rows(planned)["closes_soon"]
    make_vote(members[0], members[1])
    after = rows(planned)["closes_soon"]
    assert (before.recipients, after) == ("", before)


def test_what_became_of_each_is_shown(rows):
    conference = make_vote_from(-MINUTE, 4 * DAY)
    make_membership(conference)
    turn()
    make_membership(conference)
    found = rows(conference)
    assert found["opened"].recipients == "1 member"
    assert (found["opened"].state.state, found["opened"].switch.state) == ("sent", "fixed")
    assert found["no_candidates"].state.facts["reason"] == "It would have come too late."


def test_a_vote_that_opens_as_soon_as_it_is_set_up_is_not_called_too_short(rows):
    conference = make_vote_from(MINUTE, 11 * DAY)
    Election.objects.filter(pk=conference.pk).update(rules_set_at=timezone.now())
    why = rows(conference)["no_candidates"].state.facts["why"]
    assert why == "Not planned: voting was set up too late for it"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: make_conference(voting=None), "waits_for_dates"),
        (lambda: make_vote_from(DAY, 4 * DAY, status="draft"), "waits_for_dates"),
        (lambda: make_vote_from(DAY, 2 * DAY), "never"),
        (lambda: make_vote_from(-80 * DAY, -60 * DAY), "too_old"),
        (lambda: make_vote_from(DAY, 4 * DAY), "planned"),
    ],
)
def test_what_is_planned_for_the_reminder(rows, make, expected):
    assert rows(make())["closes_soon"].state.state == expected


def test_the_page_shows_all_and_a_button_switches_one_off(as_organiser, planned):
    page = parse(as_organiser.get(url(planned)))
    assert page.number_of(".team > li") == len(KINDS)
    form = {"kind": "opened", "wish": "off"}
    page = parse(as_organiser.post(url(planned), form, follow=True))
    assert "The email is switched off." in page.text
    assert SwitchedOffNotice.objects.get().kind == "opened"
    as_organiser.post(url(planned), form | {"wish": "on"})
    assert not SwitchedOffNotice.objects.exists()


@pytest.mark.parametrize("kind", ["", "nonsense"])
def test_an_email_that_does_not_exist_is_refused(as_organiser, planned, kind):
    page = parse(as_organiser.post(url(planned), {"kind": kind, "wish": "off"}, follow=True))
    assert "There is no such email." in page.text


def test_who_may_only_look_switches_nothing(client, planned):
    observer = make_team_member(planned, Role.OBSERVER).person
    client.force_login(observer)
    page = client.get(url(planned))
    assert page.status_code == 200
    assert not parse(page).has(".team form")
    assert client.post(url(planned), {"kind": "opened", "wish": "off"}).status_code == 403
    assert not SwitchedOffNotice.objects.exists()


def test_the_page_of_another_teams_conference_does_not_exist(client, planned):
    client.force_login(make_team_member(make_conference(), Role.ORGANISER).person)
    assert client.get(url(planned)).status_code == 404


def switch(conference, organiser, *, is_on):
    return switch_notice(conference=conference, kind="opened", by=Actor(organiser), is_on=is_on)


def test_switching_the_same_again_changes_nothing_and_is_logged_once(planned, organiser):
    AdminAct.objects.all().delete()
    assert switch(planned, organiser, is_on=True) is Change.NONE
    assert switch(planned, organiser, is_on=False) is Change.MADE
    assert switch(planned, organiser, is_on=False) is Change.NONE
    [act] = AdminAct.objects.all()
    assert (act.by, act.what) == (organiser, "Email “Voting has opened” switched off.")


def test_what_was_due_can_no_longer_be_switched(planned, organiser):
    now = timezone.now()
    Notice.objects.create(conference=planned, kind="opened", outcome="sent", due_at=now, at=now)
    with pytest.raises(ValidationError, match="was due already"):
        switch(planned, organiser, is_on=False)


def test_the_page_costs_the_same_however_many_members_there_are(
    as_organiser, planned, django_assert_max_num_queries
):
    for _ in range(20):
        make_membership(planned)
    with django_assert_max_num_queries(70):
        as_organiser.get(url(planned))
