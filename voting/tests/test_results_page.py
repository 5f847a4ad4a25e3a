"""The text and charts of the results page."""

import pytest
from django.utils import timezone

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_membership
from voting.elections.election.models import Election
from voting.elections.receipts.models import PublishedBallots
from voting.tests.factories import close_by_clock, make_vote


@pytest.fixture
def page(as_alice, conference):
    """The page as it is now, while its figures may be seen."""
    Election.objects.update(results_visibility="live")
    return lambda: parse(as_alice.get("/conferences/open-conf/results/"))


def test_each_row_has_a_bar_of_its_share_of_the_most(conference, alice, bob, carol, page):
    for candidate in (bob, bob, carol):
        make_vote(make_membership(conference), candidate)
    assert page().attributes("rect.chart-bar", "width") == ["100.0%", "50.0%"]


def test_bars_are_written_as_svg_reads_them_in_every_language(conference, alice, bob, carol, page, client):
    for candidate in (bob, bob, carol):
        make_vote(make_membership(conference), candidate)
    type(alice.user).objects.update(language="de")
    assert page().attributes("rect.chart-bar", "width")[1] == "50.0%"


def test_a_shared_first_place_is_said_and_marked(conference, alice, bob, carol, page):
    for candidate in (bob, carol):
        make_vote(make_membership(conference), candidate)
    shown = page()
    assert "2 candidates are tied for first place with 1 vote each." in shown.text
    assert shown.rows[1:] == [["1", "Bob Tie", "1"], ["1", "Carol Tie", "1"]]


def test_a_sole_leader_is_no_tie(alice, bob, page):
    make_vote(alice, bob)
    assert "tied for first place" not in page().text


def test_the_electorate_is_not_called_the_members(conference, alice, bob, page):
    assert "Can vote 2" in page().text
    Election.objects.update(closes_at=timezone.now(), results_visibility="after_close")
    assert "Eligible to vote 2" in page().text


def test_the_first_look_after_the_close_publishes_the_ballots(conference, alice, bob, page):
    make_vote(alice, bob)
    Election.objects.update(closes_at=timezone.now(), results_visibility="after_close")
    assert not PublishedBallots.objects.exists()
    assert page().has("#digest")
    assert PublishedBallots.objects.get().result["participants"] == 1


def test_a_newcomer_needs_none_of_the_words_of_the_proof(alice, bob, conference, page):
    """They are in a part for experts, which is folded."""
    make_vote(alice, bob)
    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    proof = page().part("#proof")
    experts = proof.part("details#experts:not([open])").text
    words = ["Digest", "SHA-256", "Ed25519", "verify.py", "result.json"]
    assert [word for word in words if word not in experts] == []
    assert [word for word in words if word in proof.text.replace(experts, "")] == []
    assert "Anyone can count the votes again: 1 ballot is published" in proof.text
