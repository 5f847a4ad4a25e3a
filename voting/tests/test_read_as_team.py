"""People of the team read what members see, without having joined, and preview it before it is published."""

import pytest
from django.utils import timezone

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.teams import make_series, make_team_member
from voting.elections.models import Vote
from voting.elections.roll.models import RollEntry
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
READ = ["ballot/", "members/", "roll/", "results/"]
PREVIEW = ["preview/", "preview/ballot/", "preview/result/"]


@pytest.fixture
def team(client, conference):
    log_in_freshly(client, make_team_member(conference, Role.ORGANISER).person)
    return client


def public(conference, end):
    return f"/conferences/{conference.slug}/{end}"


def in_admin(conference, end):
    return f"/admin/conferences/conference/{conference.pk}/{end}"


# --- reading without joining -------------------------------------------------------------------


@pytest.mark.parametrize("end", READ)
def test_team_reads_the_pages_of_members_and_they_say_so(team, conference, end):
    page = parse(team.get(public(conference, end)))
    assert "You have not joined it" in page.part(".team-strip").text
    assert not page.has("main form[method=post]")


def test_team_reads_the_page_of_a_member_and_cannot_vote_there(team, conference, alice):
    make_pitch(alice)
    page = parse(team.get(public(conference, f"members/{alice.pk}/")))
    assert page.has(".team-strip")
    assert not page.has("main form[method=post]")


def test_ballot_of_the_team_has_the_candidates_and_no_button(team, conference, alice, bob):
    make_pitch(alice)
    page = parse(team.get(public(conference, "ballot/")))
    assert page.mentions(alice.user.name)
    assert not page.has("[name=candidate]")


def test_vote_of_a_person_of_the_team_who_has_not_joined_is_refused(team, conference, alice):
    make_pitch(alice)
    assert team.post(public(conference, "vote/"), {"candidate": alice.pk}).status_code == 404
    assert not Vote.objects.exists()


def test_team_sees_the_result_when_members_do_and_not_before(team, conference, alice, bob):
    make_vote(alice, bob)
    update_elections(closes_at=timezone.now(), results_visibility="after_decision")
    path = public(conference, "results/")
    assert not parse(team.get(path)).mentions(bob.user.name)
    assert team.get(public(conference, "results/ballots.csv")).status_code == 404
    update_elections(results_visibility="after_close")
    assert parse(team.get(path)).mentions(bob.user.name)
    assert team.get(public(conference, "results/ballots.csv")).status_code == 200


def test_while_voting_is_open_the_result_page_shows_the_team_no_votes(team, conference, alice, bob):
    make_vote(alice, bob)
    assert not parse(team.get(public(conference, "results/"))).mentions(bob.user.name)


@pytest.mark.parametrize("end", ["members/", "members/1/"])
def test_those_who_may_not_see_members_do_not_read_their_pages(client, conference, alice, end):
    log_in_freshly(client, make_team_member(conference, Role.OBSERVER).person)
    end = end.replace("1", str(alice.pk))
    assert client.get(public(conference, end)).status_code in (302, 404)


@pytest.mark.parametrize("end", READ)
def test_another_team_reads_nothing(client, conference, end):
    Conference.objects.update(visibility="members_only")
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert client.get(public(conference, end)).status_code == 404


def test_person_of_the_team_who_has_joined_is_a_member(client, conference):
    person = make_team_member(conference, Role.ORGANISER).person
    make_membership(conference, user=person)
    log_in_freshly(client, person)
    assert not parse(client.get(public(conference, "ballot/"))).has(".team-strip")


# --- preview -----------------------------------------------------------------------------------


@pytest.fixture
def draft():
    return make_conference(title="Bread Conf", voting="open", status="draft", agenda="Bread")


@pytest.mark.parametrize("end", PREVIEW)
@pytest.mark.parametrize("status", ["draft", "active", "inactive"])
def test_preview_is_for_the_team_and_nothing_in_it_can_be_sent(as_organiser, draft, end, status):
    Conference.objects.update(status=status)
    answer = as_organiser.get(in_admin(draft, end))
    page = parse(answer)
    assert "Preview: only the team sees this." in page.part(".team-strip").text
    assert len(page.attributes("main form", "action")) == len(
        page.attributes("fieldset[disabled] form", "action")
    )
    assert (answer.headers["X-Robots-Tag"], "no-store" in answer.headers["Cache-Control"]) == (
        "noindex",
        True,
    )
    assert Conference.objects.get().status == status


def test_preview_of_a_draft_shows_its_page_and_its_ballot_as_if_published(as_organiser, draft):
    make_pitch(make_membership(draft, name="Ada Baker"))
    assert "Bread" in parse(as_organiser.get(in_admin(draft, "preview/"))).part("main").text
    ballot = parse(as_organiser.get(in_admin(draft, "preview/ballot/")))
    assert ballot.has("fieldset[disabled] [name=candidate]")


@pytest.mark.parametrize("end", PREVIEW)
def test_preview_stores_nothing(as_organiser, draft, end):
    as_organiser.get(in_admin(draft, end))
    assert not RollEntry.objects.exists()
    assert Conference.objects.get().election.roll_frozen_at is None


def test_preview_of_the_result_shows_what_members_see(as_organiser, conference, alice, bob):
    make_vote(alice, bob)
    assert not parse(as_organiser.get(in_admin(conference, "preview/result/"))).mentions(bob.user.name)


@pytest.mark.parametrize("end", PREVIEW)
def test_preview_of_another_teams_draft_is_missing(client, draft, end):
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    there, nowhere = (
        client.get(in_admin(draft, end)),
        client.get(f"/admin/conferences/conference/999999/{end}"),
    )
    assert there.status_code == nowhere.status_code == 404


@pytest.mark.parametrize("end", PREVIEW)
def test_what_a_preview_shows_has_no_links_to_pages_that_a_draft_does_not_have(as_organiser, draft, end):
    shown = parse(as_organiser.get(in_admin(draft, end))).part("fieldset.preview")
    assert [link for link in shown.links if not link.startswith("#")] == []


@pytest.mark.parametrize("end", PREVIEW)
def test_members_have_no_preview(client, draft, end):
    log_in_freshly(client, make_user("member@example.org"))
    assert client.get(in_admin(draft, end)).status_code in (302, 403)


def test_overview_of_a_draft_leads_to_its_preview(as_organiser, draft):
    assert in_admin(draft, "preview/") in parse(as_organiser.get(in_admin(draft, ""))).links
