import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.tests.factories import close_by_clock, make_vote


def test_vote_is_gone(alice, bob):
    make_vote(alice, bob)
    assert actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user)) is Change.MADE
    assert Vote.objects.count() == 0


def test_withdrawing_twice_changes_nothing(alice, bob):
    make_vote(alice, bob)
    actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user))
    assert actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user)) is Change.NONE


def test_only_my_own_vote_goes(alice, bob, carol):
    make_vote(alice, bob)
    make_vote(carol, bob)
    actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user))
    assert list(Vote.objects.values_list("voter", flat=True)) == [carol.pk]


def test_after_the_close_it_is_refused(conference, alice, bob):
    make_vote(alice, bob)
    close_by_clock(conference)
    with pytest.raises(ValidationError, match="Voting closed on"):
        actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user))
    assert Vote.objects.count() == 1


def test_after_the_ballots_are_published_it_is_refused_in_the_same_words(conference, alice, bob):
    make_vote(alice, bob)
    close_by_clock(conference)
    publish_closed_ballots()
    assert PublishedBallots.objects.exists()
    with pytest.raises(ValidationError, match="Voting closed on"):
        actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user))


def test_a_withdrawn_vote_can_be_given_again_at_once(as_alice, alice, bob):
    make_vote(alice, bob)
    page = parse(as_alice.post("/conferences/open-conf/vote/withdraw/", follow=True))
    offer = page.part('form.offer[action="/conferences/open-conf/vote/"]')
    assert offer.field("candidate")["value"] == str(bob.pk)
    assert offer.buttons == ["Vote for Bob again"]


def test_nothing_is_offered_where_nothing_was_withdrawn(as_alice, alice):
    page = parse(as_alice.post("/conferences/open-conf/vote/withdraw/", follow=True))
    assert "There was no vote to withdraw." in page.text
    assert not page.has(".offer")
