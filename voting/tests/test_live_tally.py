"""With a live tally nobody learns a vote from the difference that an exclusion or a departure makes.

Everybody who may see the tally has seen it with the vote in it, so the vote stays in the count.
"""

import pytest

from accounts.actions import disable_user, enable_user
from accounts.tests.factories import log_in_freshly
from accounts.tests.page import parse
from conferences import actions as conference_actions
from conferences.models import Conference
from conferences.tests.factories import make_membership
from voting import actions
from voting.exclusions import exclude_member, readmit_member
from voting.models import PublishedBallots, Vote
from voting.my_data.actions import delete_account
from voting.receipts import verify
from voting.results import may_see_tally
from voting.rules import rules_in_words, set_rules
from voting.tally import tally_of, votes_per_candidate
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db
LIVE = [{"organisers_see_tally": "live"}, {"results_visibility": "live"}]
STRICT = {"results_visibility": "after_decision", "late_joiners": "may_vote", "ties": "any_member"}
REASON = "A fake account"


def leave(member):
    actions.leave_conference(membership=member)


def exclude(member):
    exclude_member(membership=member, by=None, reason=REASON)


def disable(member):
    disable_user(user=member.user, by=None, reason=REASON)


def delete(member):
    delete_account(user=member.user)


GOING = pytest.mark.parametrize("go", [leave, exclude, disable, delete])


@pytest.fixture(params=LIVE, ids=lambda rule: next(iter(rule)))
def live(request, conference):
    Conference.objects.update(**request.param)
    conference.refresh_from_db()
    return conference


def stricter(conference):
    set_rules(conference=conference, by=None, **STRICT)


def published(conference):
    actions.close_voting(conference=Conference.objects.get())
    return PublishedBallots.objects.get().result


def difference(conference, go, voter):
    """By how many votes each candidate's published figure is above the last one that was seen live."""
    seen = votes_per_candidate(conference)
    go(voter)
    counted = published(conference)["tally"]
    return {pk: counted.get(str(pk), 0) - votes for pk, votes in seen.items()}


@pytest.fixture
def votes(alice, bob, carol):
    """One vote for each of two candidates, beside the one that Alice is about to give."""
    for candidate in (bob, carol):
        make_vote(make_membership(bob.conference), candidate)


@GOING
@pytest.mark.parametrize("choice", ["bob", "carol"])
def test_published_tally_does_not_tell_from_the_last_live_one_whom_somebody_chose(
    live, votes, alice, bob, carol, go, choice
):
    make_vote(alice, {"bob": bob, "carol": carol}[choice])
    assert difference(live, go, alice) == {bob.pk: 0, carol.pk: 0}


@GOING
@pytest.mark.parametrize("choice", ["bob", "carol"])
def test_it_does_not_tell_either_once_the_tally_is_no_longer_live(live, votes, alice, bob, carol, go, choice):
    make_vote(alice, {"bob": bob, "carol": carol}[choice])
    stricter(live)
    assert difference(live, go, alice) == {bob.pk: 0, carol.pk: 0}


@GOING
def test_control_it_tells_where_the_vote_is_taken_out(conference, votes, alice, bob, carol, go):
    make_vote(alice, bob)
    assert difference(conference, go, alice) == {bob.pk: -1, carol.pk: 0}


@GOING
def test_no_figure_of_people_tells_whether_somebody_who_is_gone_had_voted(live, votes, alice, bob, go):
    make_vote(alice, bob)
    other = make_membership(live)
    go(alice)
    go(other)
    assert {s.candidate.pk: s.votes for s in tally_of(live).standings}[bob.pk] == 2
    result = published(live)
    # Three of the fixtures, two who voted in `votes`, and one who did not vote.
    assert (result["electorate"], result["participants"]) == (6, 3)
    assert "void" not in result


@GOING
def test_result_of_a_live_vote_passes_its_check(live, alice, bob, go):
    make_vote(alice, bob)
    go(alice)
    assert list(verify.check_people(published(live))) == []


def test_votes_for_a_candidate_who_is_gone_do_not_count_in_a_live_vote_either(live, votes, alice, bob, carol):
    make_vote(alice, bob)
    exclude(bob)
    assert published(live)["tally"] == {str(carol.pk): 1}


@pytest.mark.parametrize(
    ("out", "back"),
    [
        (exclude, lambda member: readmit_member(membership=member, by=None, reason=REASON)),
        (disable, lambda member: enable_user(user=member.user, by=None, reason=REASON)),
        (
            leave,
            lambda member: conference_actions.join_conference(conference=member.conference, user=member.user),
        ),
    ],
)
def test_who_comes_back_to_a_live_vote_still_has_their_vote(live, alice, bob, out, back):
    make_vote(alice, bob)
    out(alice)
    back(alice)
    assert Vote.objects.valid().get().voter == alice
    assert actions.withdraw_vote(voter=alice) is True


def test_rules_that_were_live_before_voting_opened_leave_no_trace(conference):
    Conference.objects.update(results_visibility="live", voting_opens_at=conference.voting_closes_at)
    stricter(conference)
    assert Conference.objects.get().tally_was_live is False


def test_hidden_tally_stays_hidden(live, organiser):
    stricter(live)
    assert not may_see_tally(organiser, Conference.objects.get())


def test_ballot_says_that_votes_stay_and_what_watching_tells(as_alice, live):
    shown = " ".join(parse(as_alice.get("/conferences/open-conf/ballot/")).texts("li"))
    assert "A vote stays in the count when its voter leaves, is excluded or loses the account" in shown
    assert "Anyone who watches the live count while you vote" in shown


def test_ballot_goes_on_saying_that_votes_stay(live):
    stricter(live)
    said = " ".join(rules_in_words(Conference.objects.get()))
    assert "A vote stays in the count" in said
    assert "watches the live count" not in said


def test_ballot_without_a_live_tally_says_nothing_of_it(conference):
    assert "stays in the count" not in " ".join(rules_in_words(conference))


@pytest.mark.parametrize("path", ["/conferences/open-conf/", "/people/delete/"])
def test_who_goes_reads_that_their_vote_stays(client, live, alice, bob, path):
    make_vote(alice, bob)
    shown = parse(log_in_freshly(client, alice.user).get(path))
    assert "Withdraw it first if it is not to count." in shown.text
    assert not shown.mentions("does not count")


def test_organiser_reads_that_an_exclusion_leaves_the_vote(as_organiser, live, alice):
    shown = parse(as_organiser.get(f"/admin/voting/tally/{live.pk}/exclude/{alice.pk}/")).texts("li")
    assert any("a vote that Alice has given stays in it" in line for line in shown)
    assert not any("will not count" in line for line in shown)
