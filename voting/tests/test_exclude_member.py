import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import AdminAct
from confbox.kit.outcomes import Change
from conferences import actions as conference_actions
from conferences.models import Membership
from voting.elections import actions
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Vote
from voting.elections.tally import tally_of
from voting.tests.factories import close_and_decide, close_by_clock, make_vote

pytestmark = pytest.mark.django_db


def exclude(membership, by=None, reason="The same person twice."):
    excluded = exclude_member(membership=membership, by=Actor(by), reason=reason)
    membership.refresh_from_db()
    return excluded


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug="open-conf", candidate_id=candidate.pk)


def test_the_excluded_members_vote_no_longer_counts_and_votes_for_them_become_void(alice, bob, carol):
    make_vote(bob, alice)
    make_vote(carol, bob)
    exclude(bob)
    why = dict(Vote.objects.values_list("voter", "voided_because"))
    assert why == {bob.pk: "voter_excluded", carol.pk: "candidate_excluded"}


def test_the_excluded_member_cannot_vote_and_reads_why(alice, bob):
    exclude(alice)
    with pytest.raises(ValidationError, match="Their reason: The same person twice"):
        cast(alice, bob)


def test_the_excluded_member_cannot_be_voted_for(alice, bob):
    exclude(bob)
    with pytest.raises(ValidationError, match="Bob is excluded from this vote"):
        cast(alice, bob)
    assert bob not in Membership.objects.candidates()


def test_the_excluded_member_cannot_be_chosen(conference, alice, organiser):
    exclude(alice)
    with pytest.raises(ValidationError, match="Only a current member"):
        close_and_decide(conference=conference, candidate=alice, by=organiser, reason="x")


def test_the_result_counts_the_excluded(conference, alice, bob, carol):
    exclude(carol)
    close_by_clock(conference)
    tally = tally_of(conference)
    assert (tally.members, tally.excluded) == (2, 1)


def test_an_exclusion_is_on_record(alice, organiser):
    exclude(alice, organiser)
    act = AdminAct.objects.get(act="exclude")
    assert (act.act, act.by, act.target, act.what, act.reason) == (
        "exclude",
        organiser,
        "Alice",
        "Excluded from the vote of Open Conf: {name}.",
        "The same person twice.",
    )


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_an_exclusion_needs_a_reason(alice, reason):
    with pytest.raises(ValidationError, match="Please give a reason"):
        exclude(alice, reason=reason)


def test_excluding_twice_keeps_the_first_reason(alice):
    exclude(alice)
    assert exclude(alice, reason="Another.") is Change.NONE
    assert alice.exclusion_reason == "The same person twice."
    assert AdminAct.objects.filter(act="exclude").count() == 1


def test_after_the_close_no_one_is_excluded(conference, alice, bob):
    make_vote(alice, bob)
    close_by_clock(conference)
    with pytest.raises(ValidationError, match="the count is final"):
        exclude(alice)
    assert Vote.objects.count() == 1


def test_coming_back_does_not_end_an_exclusion(conference, alice, bob):
    exclude(alice)
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    conference_actions.join_conference(conference=conference, by=Actor(alice.user))
    with pytest.raises(ValidationError, match="excluded you"):
        cast(alice, bob)


def test_a_readmitted_member_votes_again(alice, bob, organiser):
    exclude(alice)
    assert readmit_member(membership=alice, by=Actor(organiser), reason="They are two people.") is Change.MADE
    cast(alice, bob)
    assert Vote.objects.get().voter == alice
    assert readmit_member(membership=alice, by=Actor(organiser), reason="Again.") is Change.NONE
