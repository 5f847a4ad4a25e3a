"""What the desk says of the electoral roll before voting opens, of its changes, and of who may vote."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.models import RosterEntry
from conferences.tests.admission import ask, only
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from voting.elections.roll.actions import add_to_roll, remove_from_roll

pytestmark = pytest.mark.django_db
RULES = {
    "who_votes": "roster",
    "results_visibility": "after_close",
    "organisers_see_tally": "after_close",
    "late_joiners": "may_not_vote",
    "ties": "any_member",
}
OFF_ROSTER = "1 of your members is not on the roster and will not be able to vote."


@pytest.fixture
def future(db):
    """Only the roster will vote: Ada, who has joined, and Ben, who has not; Cleo joined without it."""
    conference = make_conference(title="Roster Conf", voting="scheduled", who_votes="roster")
    ada = make_membership(conference, name="Ada")
    make_membership(conference, name="Cleo")
    make_entry(conference, "ben@example.org")
    listed = make_entry(conference, ada.user.email)
    RosterEntry.objects.filter(pk=listed.pk).update(membership=ada)
    return conference


@pytest.fixture
def running(future):
    """Voting has opened, and Dora was listed since."""
    opens = timezone.now() - timedelta(hours=1)
    RosterEntry.objects.update(listed_at=opens - timedelta(hours=1))
    future.memberships.update(joined_at=opens - timedelta(hours=1))
    update_elections(future, opens_at=opens)
    make_entry(future, "dora@example.org")
    future.refresh_from_db()
    return future


def roll(client, conference, query=""):
    return parse(client.get(f"/admin/voting/votes/{conference.pk}/roll/{query}")).part("#content")


def test_before_opening_the_roster_is_named_as_the_future_roll(as_organiser, future):
    page = roll(as_organiser, future)
    assert "1 of 2 on the roster have not joined." in page.text
    assert f"/admin/conferences/conference/{future.pk}/roster/" in page.attributes("a", "href")


def test_before_opening_only_members_who_are_not_on_the_roster_are_listed(as_organiser, future):
    page = roll(as_organiser, future, "?show=on")
    assert page.texts("#off-roster") == [OFF_ROSTER]
    assert [row.split()[0] for row in page.texts("tbody tr")] == ["Cleo"]


def test_before_opening_there_is_no_list_if_every_member_is_on_the_roster(as_organiser, future):
    future.memberships.filter(user__name="Cleo").update(left_at=timezone.now())
    page = roll(as_organiser, future)
    assert not page.has("table")
    assert not page.has("#off-roster")


def test_every_list_says_how_many_are_on_it(as_organiser, running):
    assert roll(as_organiser, running).texts(".desk-tools a") == [
        "On the list: joined (1)",
        "On the list, not joined yet (1)",
        "Listed since voting opened, may not vote (1)",
        "Members who are not on it (1)",
        "Cannot be reached by email (0)",
    ]


def test_the_figures_of_a_changed_roll_add_up(as_organiser, organiser, running):
    roll(as_organiser, running)
    members = {member.user.name: member for member in running.memberships.all()}
    add_to_roll(membership=members["Cleo"], by=Actor(organiser), reason="Paid")
    remove_from_roll(membership=members["Ada"], by=Actor(organiser), reason="Refunded")
    page = roll(as_organiser, running)
    figures = dict(zip(page.texts("dl dt"), page.texts("dl dd"), strict=True))
    names = ["On the list when voting opened", "Added by organisers", "Removed by organisers"]
    assert [figures[name] for name in [*names, "On the list now"]] == ["2", "1", "1", "2"]


def test_the_tally_explains_an_electorate_that_was_changed(as_organiser, organiser, running):
    path = f"/admin/voting/votes/{running.pk}/turnout/"
    roll(as_organiser, running)
    assert "Added by organisers" not in parse(as_organiser.get(path)).text
    cleo = running.memberships.get(user__name="Cleo")
    add_to_roll(membership=cleo, by=Actor(organiser), reason="Paid")
    said = parse(as_organiser.get(path)).part(".desk-facts").text
    assert "On the list when voting opened: 2 Added by organisers: 1 Removed by organisers: 0" in said


@pytest.mark.parametrize("place", ["", "code/add/", "request/%s/"])
def test_pages_that_let_people_in_say_that_only_the_roster_votes(as_organiser, future, stranger, place):
    asked = ask(only(future, approval=True), stranger)
    path = f"/admin/conferences/conference/{future.pk}/joining/{place.replace('%s', str(asked.pk))}"
    page = parse(as_organiser.get(path))
    said = "become members, but only people on the roster may vote. Open the roster"
    assert said in page.part("#who-votes").text
    update_elections(future, who_votes="members")
    assert not parse(as_organiser.get(path)).has("#who-votes")


def test_rules_page_counts_the_members_who_could_not_vote(as_organiser, future):
    path = f"/admin/voting/votes/{future.pk}/rules/"
    note = parse(as_organiser.get(path)).part("#off-roster")
    assert note.text == f"{OFF_ROSTER} Show them"
    assert note.attributes("a", "href") == [f"/admin/voting/votes/{future.pk}/roll/"]


def test_choosing_that_the_roster_votes_says_whom_it_keeps_from_voting(as_organiser, future):
    update_elections(future, who_votes="members")
    answer = as_organiser.post(f"/admin/voting/votes/{future.pk}/rules/", RULES, follow=True)
    assert OFF_ROSTER in parse(answer).texts(".messagelist li")


EMPTY = "The roster is empty. If it is still empty when voting opens, no one can vote under this rule."


def test_choosing_that_an_empty_roster_votes_is_pointed_out(as_organiser, future):
    RosterEntry.objects.all().delete()
    path = f"/admin/voting/votes/{future.pk}/rules/"
    note = parse(as_organiser.get(path)).part("#empty-roster")
    assert note.text == f"{EMPTY} Open the roster"
    assert note.attributes("a", "href") == [f"/admin/conferences/conference/{future.pk}/roster/"]
    assert EMPTY in parse(as_organiser.post(path, RULES, follow=True)).texts(".messagelist li")
    make_entry(future, "ben@example.org")
    assert not parse(as_organiser.get(path)).has("#empty-roster")


def test_choosing_that_all_members_vote_warns_of_nothing(as_organiser, future):
    typed = RULES | {"who_votes": "members"}
    answer = as_organiser.post(f"/admin/voting/votes/{future.pk}/rules/", typed, follow=True)
    assert OFF_ROSTER not in parse(answer).texts(".messagelist li")
