"""What the pages for members say of changes to the electoral roll."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.tests.factories import make_membership, update_elections
from voting.elections.roll.actions import add_to_roll, freeze_roll, remove_from_roll
from voting.tests.factories import close_by_clock
from voting.tests.rolls import freeze_roster, freeze_with_ada

pytestmark = pytest.mark.django_db
SENTENCE = "You are no longer on the list of voters: the organisers removed you. Their reason: Refunded"


@pytest.fixture
def chair(organiser):
    return Actor(organiser)


@pytest.fixture
def ada(conference):
    return freeze_with_ada(conference)


@pytest.fixture
def listed(conference):
    freeze_roster(conference)
    return conference


def close(conference):
    now = timezone.now()
    columns = {"closes_at": now - timedelta(minutes=1), "results_visibility": "after_close"}
    update_elections(conference, **columns)


@pytest.mark.parametrize("arrange", [lambda _: None, close], ids=["open", "closed"])
@pytest.mark.parametrize("path", ["", "ballot/"])
def test_pages_say_to_a_removed_member_why(client, ada, chair, arrange, path):
    remove_from_roll(membership=ada, by=chair, reason="Refunded")
    arrange(ada.conference)
    client.force_login(ada.user)
    page = parse(client.get(f"/conferences/open-conf/{path}"))
    assert SENTENCE in (page.part("#ballot") if path else page.part("#conditions > p:first-of-type")).text


@pytest.mark.parametrize("path", ["", "ballot/"])
def test_pages_say_nothing_of_it_to_other_members(client, ada, path):
    close(ada.conference)
    client.force_login(ada.user)
    assert not parse(client.get(f"/conferences/open-conf/{path}")).mentions("no longer on the list of voters")


def test_the_ballot_has_the_digest_of_the_roll_among_the_rules(client, ada):
    client.force_login(ada.user)
    page, digest = parse(client.get("/conferences/open-conf/ballot/")), ada.conference.election.roll_digest
    assert digest
    assert page.part("details#rules").mentions(digest)
    assert not page.part("#roll-line").mentions(digest)


def test_the_result_says_how_the_roll_was_changed_and_why(client, ada, conference, chair):
    ben = make_membership(conference, name="Ben")
    add_to_roll(membership=ben, by=chair, reason="Paid at the door")
    remove_from_roll(membership=ada, by=chair, reason="Refunded")
    close(conference)
    client.force_login(ben.user)
    since = parse(client.get("/conferences/open-conf/results/")).part("#roll-since")
    assert since.texts("p") == ["Added by organisers: 1 · Removed by organisers: 1"]
    added, removed = since.texts("li")
    assert added.startswith("One voter was added. The organisers’ reason: Paid at the door")
    assert removed.startswith("One voter was removed. The organisers’ reason: Refunded")


def test_the_result_of_an_unchanged_roll_says_nothing_of_changes(client, ada, conference):
    close(conference)
    client.force_login(ada.user)
    page = parse(client.get("/conferences/open-conf/results/"))
    assert page.has("#roll-digest")
    assert not page.has("#roll-since")


def test_the_electorate_is_what_the_roster_was_not_what_it_is(client, listed):
    client.force_login(listed.memberships.get(user__email="ben@example.org").user)
    line = parse(client.get("/conferences/open-conf/ballot/")).part("#roll-line").text
    assert "They were the people on the organisers’ list of participants at that time." in line


@pytest.mark.parametrize(("rule", "says"), [("may_vote", True), ("may_not_vote", False)])
def test_the_ballot_says_whether_those_who_joined_later_can_vote_too(client, conference, rule, says):
    client.force_login(freeze_with_ada(conference).user)
    update_elections(conference, late_joiners=rule)
    line = parse(client.get("/conferences/open-conf/ballot/")).part("#roll-line").text
    assert ("Members who have joined since then can vote too." in line) is says


def test_after_the_vote_no_one_reads_that_they_can_still_vote(client, conference):
    client.force_login(freeze_with_ada(conference).user)
    update_elections(conference, late_joiners="may_vote")
    close_by_clock(conference)
    line = parse(client.get("/conferences/open-conf/ballot/")).part("#roll-line").text
    assert "Members who joined later, while voting was open, could vote too." in line


def test_after_a_vote_that_opened_before_anyone_joined_no_one_reads_that_they_can_vote(client, conference):
    update_elections(conference, late_joiners="may_vote")
    conference.refresh_from_db()
    freeze_roll(conference=conference)
    client.force_login(make_membership(conference, name="Ben").user)
    close_by_clock(conference)
    line = parse(client.get("/conferences/open-conf/ballot/")).part("#roll-line").text
    assert "All who joined while it was open could vote." in line


def test_an_empty_list_has_no_digest(client, conference):
    client.force_login(freeze_with_ada(conference).user)
    assert parse(client.get("/conferences/open-conf/roll/")).has("#roll-digest")
    update_elections(conference, roll_size=0)
    assert not parse(client.get("/conferences/open-conf/roll/")).has("#roll-digest")


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"late_joiners": "may_vote"}, "All who join while it is open can vote."),
        ({"late_joiners": "may_not_vote"}, "those who join later cannot vote."),
        ({"who_votes": "roster"}, "list of participants was empty when voting opened."),
    ],
)
def test_the_ballot_of_a_vote_that_opened_before_anyone_joined_says_who_can_vote(
    client, conference, rules, says
):
    update_elections(conference, **rules)
    conference.refresh_from_db()
    freeze_roll(conference=conference)
    client.force_login(make_membership(conference, name="Ben").user)
    line = parse(client.get("/conferences/open-conf/ballot/")).part("#roll-line").text
    assert says in line
    assert "0 voters" not in line
