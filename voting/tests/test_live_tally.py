"""With a live tally, votes of members who are gone leave the count when voting closes, as everywhere.

A reader who compares the last live tally with the published one then knows such a vote. Nothing hides it,
so the ballot, and every page on which a member leaves or is excluded, says so.
"""

import pytest

from accounts.actions import disable_user, enable_user
from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences import actions as conference_actions
from conferences.models import Conference
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Vote
from voting.elections.receipts import verify
from voting.elections.receipts.models import PublishedBallots
from voting.elections.results import may_see_tally
from voting.elections.rules.actions import set_rules
from voting.elections.rules.registry import rules_in_words
from voting.elections.tally import tally_of, votes_per_candidate
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db
LIVE = [{"organisers_see_tally": "live"}, {"results_visibility": "live"}]
STRICT = {"results_visibility": "after_decision", "late_joiners": "may_vote", "ties": "any_member"}
REASON = "A fake account"
PROMISE = "No member or organiser learns whom you voted for"
COMPARES = "the last live count with the published one"


def leave(member):
    actions.leave_conference(membership=member, by=Actor(member.user))


def exclude(member):
    exclude_member(membership=member, by=Actor.of_command(), reason=REASON)


def disable(member):
    disable_user(user=member.user, by=Actor.of_command(), reason=REASON)


def delete(member):
    delete_account(by=Actor(member.user))


GOING = pytest.mark.parametrize("go", [leave, exclude, disable, delete])


@pytest.fixture(params=LIVE, ids=lambda rule: next(iter(rule)))
def live(request, conference):
    Election.objects.update(**request.param)
    conference.refresh_from_db()
    return conference


def stricter(conference):
    set_rules(conference=conference, by=Actor.of_command(), **STRICT)
    conference.refresh_from_db()


def published(conference):
    actions.close_voting(conference=Conference.objects.get())
    return PublishedBallots.objects.get().result


@pytest.fixture
def votes(alice, bob, carol):
    """Two votes for Bob, one of them Alice's, and one for Carol."""
    for candidate in (bob, carol):
        make_vote(make_membership(bob.conference), candidate)
    make_vote(alice, bob)


@GOING
def test_live_tally_stays_as_it_is_when_a_voter_goes(live, votes, alice, bob, carol, go):
    go(alice)
    assert votes_per_candidate(live) == {bob.pk: 2, carol.pk: 1}


@GOING
def test_vote_of_a_member_who_is_gone_is_not_in_the_published_count(live, votes, alice, bob, carol, go):
    go(alice)
    result = published(live)
    assert result["tally"] == {str(bob.pk): 1, str(carol.pk): 1}
    # Bob, Carol and the two others.
    assert (result["electorate"], result["participants"]) == (4, 2)


@GOING
def test_it_is_not_in_the_published_count_either_if_the_tally_was_live(live, votes, alice, bob, carol, go):
    stricter(live)
    go(alice)
    assert published(live)["tally"] == {str(bob.pk): 1, str(carol.pk): 1}


@GOING
def test_count_of_a_live_vote_passes_its_check(live, votes, alice, go):
    go(alice)
    assert list(verify.check_people(published(live))) == []


def test_votes_of_fake_accounts_are_removed_however_many_they_are(live, votes, bob, carol):
    fakes = [make_membership(live) for _ in range(6)]
    for fake in fakes:
        make_vote(fake, carol)
        exclude(fake)
    assert tally_of(live).leaders[0].candidate == carol
    assert published(live)["tally"] == {str(bob.pk): 2, str(carol.pk): 1}


def test_votes_for_a_candidate_who_is_gone_do_not_count_in_a_live_vote_either(live, votes, bob, carol):
    exclude(bob)
    assert published(live)["tally"] == {str(carol.pk): 1}


@pytest.mark.parametrize(
    ("out", "back"),
    [
        (exclude, lambda member: readmit_member(membership=member, by=Actor.of_command(), reason=REASON)),
        (disable, lambda member: enable_user(user=member.user, by=Actor.of_command(), reason=REASON)),
    ],
)
def test_vote_counts_again_when_its_voter_is_let_back(live, votes, alice, bob, carol, out, back):
    out(alice)
    back(alice)
    assert published(live)["tally"] == {str(bob.pk): 2, str(carol.pk): 1}


def test_a_member_who_leaves_and_comes_back_to_a_live_vote_votes_again(live, votes, alice, bob, carol):
    leave(alice)
    conference_actions.join_conference(conference=live, by=Actor(alice.user))
    assert not Vote.objects.valid().filter(voter=alice).exists()
    actions.cast_vote(by=Actor(alice.user), slug=live.slug, candidate_id=carol.pk)
    assert published(live)["tally"] == {str(bob.pk): 1, str(carol.pk): 2}


def test_rules_that_were_live_before_voting_opened_leave_no_trace(conference):
    Election.objects.update(results_visibility="live", opens_at=conference.election.closes_at)
    stricter(conference)
    assert Conference.objects.get().election.tally_was_live is False


def test_hidden_tally_stays_hidden(live, organiser):
    stricter(live)
    assert not may_see_tally(organiser, live)


# --- what is said -----------------------------------------------------------------------------------


def listed(answer):
    return parse(answer).texts("li")


@pytest.mark.parametrize("publishes", [True, False], ids=["names published", "no names"])
def test_ballot_promises_no_secrecy_that_a_live_count_does_not_keep(as_alice, live, publishes):
    Election.objects.update(publishes_participants=publishes)
    shown = listed(as_alice.get("/conferences/open-conf/ballot/"))
    (said,) = [line for line in shown if "whom you voted for" in line]
    assert not said.startswith(PROMISE)
    assert COMPARES in said
    assert "watching it while you vote" in said


def test_ballot_goes_on_saying_so_once_the_tally_is_hidden(as_alice, live):
    stricter(live)
    shown = listed(as_alice.get("/conferences/open-conf/ballot/"))
    (said,) = [line for line in shown if "whom you voted for" in line]
    assert "the count was live for a time" in said
    assert "comparing that count with the published one" in said


def test_ballot_without_a_live_tally_promises_secrecy(conference):
    (said,) = [line for line in rules_in_words(conference) if "whom you voted for" in line]
    assert said.startswith(PROMISE)
    assert "live" not in said


def test_how_the_vote_works_says_what_a_live_count_tells(client):
    assert any("compares the last live count" in line for line in listed(client.get("/how-the-vote-works/")))


@pytest.mark.parametrize(("path", "tag"), [("/conferences/open-conf/", "p"), ("/people/delete/", "li")])
@pytest.mark.parametrize("hide", [False, True], ids=["live", "hidden since"])
def test_a_member_who_goes_reads_that_others_can_tell(client, live, votes, alice, path, tag, hide):
    if hide:
        stricter(live)
    shown = parse(log_in_freshly(client, alice.user).get(path)).texts(tag)
    assert any("can tell whom you voted for" in line for line in shown)


@pytest.mark.parametrize(("path", "tag"), [("/conferences/open-conf/", "p"), ("/people/delete/", "li")])
def test_a_member_who_goes_reads_nothing_of_it_without_a_live_tally(client, votes, alice, path, tag):
    shown = parse(log_in_freshly(client, alice.user).get(path)).texts(tag)
    assert any("no longer count" in line for line in shown)
    assert not any("can tell whom" in line for line in shown)


def exclusion_page(client, member):
    path = f"/admin/voting/votes/{member.conference_id}/exclude/{member.pk}/"
    return " ".join(listed(client.get(path)))


def test_organiser_reads_what_an_exclusion_tells_in_a_live_vote(as_organiser, live, alice):
    shown = exclusion_page(as_organiser, alice)
    assert "The vote of Alice, if there is one, will not count." in shown
    assert "can tell whom Alice had voted for" in shown


def test_organiser_reads_that_an_exclusion_tells_nothing_in_another_vote(as_organiser, conference, alice):
    assert "no one can tell how Alice voted" in exclusion_page(as_organiser, alice)


def test_organiser_reads_beside_a_live_count_that_it_changes_at_the_close(as_organiser, live, votes):
    shown = parse(as_organiser.get(f"/admin/voting/votes/{live.pk}/result/")).texts("p")
    assert any("Anyone who compares the two counts can tell" in line for line in shown)


def test_organiser_who_chooses_a_live_count_reads_what_it_tells(as_organiser, conference):
    shown = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/rules/"))
    assert shown.mentions("can work out the vote of a member who left or was excluded")
