"""From the vote to the result, as programs follow it."""

import pytest

from confbox.tests.api.answers import kind
from confbox.tests.api.calls import Program
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.tests.factories import close_and_decide, close_by_clock, decide_and_accept, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(conference):
    return f"conferences/{conference.slug}/"


def vote(voter, candidate, path):
    assert Program(voter.user).post(f"{path}vote/", {"candidate": candidate.pk}).status_code == 200


def test_own_vote_is_read_by_its_voter_alone(alice, bob, carol, path):
    vote(alice, bob, path)
    assert Program(alice.user).get(f"{path}vote/").json()["candidate"] == bob.pk
    assert Program(carol.user).get(f"{path}vote/").status_code == 404


def test_organiser_reads_no_vote_and_no_receipt(alice, bob, path, organiser):
    vote(alice, bob, path)
    for page in ("vote/", "vote/receipt/"):
        assert Program(organiser).get(f"{path}{page}").status_code == 404


def test_receipt_is_found_among_the_published_ballots(alice, bob, conference, path):
    vote(alice, bob, path)
    program = Program(alice.user)
    receipt = program.get(f"{path}vote/receipt/").json()
    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    assert program.post(f"{path}results/receipt/", {"receipt": receipt}).json() == {
        "is_counted": True,
        "problems": [],
    }


def test_receipt_with_another_choice_is_not_counted(alice, bob, carol, conference, path):
    vote(alice, bob, path)
    program = Program(alice.user)
    receipt = program.get(f"{path}vote/receipt/").json()
    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    checked = program.post(f"{path}results/receipt/", {"receipt": receipt | {"choice": carol.pk}}).json()
    assert checked["is_counted"] is False
    assert checked["problems"]


def test_what_is_no_receipt_is_refused_with_the_sentence_of_the_page(alice, conference, path):
    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    response = Program(alice.user).post(f"{path}results/receipt/", {"receipt": {"vote": 1}})
    assert (response.status_code, kind(response)) == (409, "no-receipt")
    assert "This is not a receipt." in response.json()["detail"]


def test_result_is_secret_while_voting_is_open(alice, bob, path, organiser):
    make_vote(alice, bob)
    for person in (alice.user, organiser):
        result = Program(person).get(f"{path}results/").json()
        assert (result["state"], result["votes"], result["candidates"]) == ("secret", None, [])


def test_published_ballots_are_not_found_while_voting_is_open(alice, bob, path):
    make_vote(alice, bob)
    for page in ("results/ballots/", "results/voters/"):
        assert Program(alice.user).get(f"{path}{page}").status_code == 404


def test_result_has_the_count_once_it_is_out(alice, bob, carol, conference, path):
    make_vote(alice, bob)
    make_vote(carol, bob)
    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    result = Program(alice.user).get(f"{path}results/").json()
    assert result["state"] == "final"
    assert [(one["member"], one["votes"]) for one in result["candidates"]] == [(bob.pk, 2)]
    ballots = Program(alice.user).get(f"{path}results/ballots/").json()
    assert ballots["result"]["digest"] == result["digest"]


def test_stranger_sees_no_result(stranger, conference, path):
    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    for page in ("results/", "results/ballots/", "roll/"):
        assert Program(stranger).get(f"{path}{page}").status_code in (403, 404)


def test_only_the_chosen_member_answers(alice, bob, conference, path, organiser):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Clear.")
    accept = {"answer": "accept"}
    assert Program(alice.user).post(f"{path}results/answer/", accept).status_code == 404
    answered = [Program(bob.user).post(f"{path}results/answer/", accept).json() for _ in range(2)]
    assert answered == [{"outcome": "made"}, {"outcome": "none"}]
    assert Program(alice.user).get(f"{path}results/").json()["decision"]["member"] == bob.pk


def test_chosen_member_declines_with_a_reason(bob, conference, path, organiser):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Clear.")
    answer = {"answer": "decline", "reason": "I am abroad."}
    assert Program(bob.user).post(f"{path}results/answer/", answer).json() == {"outcome": "made"}
    assert Decision.objects.get().decline_reason == "I am abroad."


def test_pending_choice_is_unknown_to_other_members(alice, bob, conference, path, organiser):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Clear.")
    assert Program(alice.user).get(f"{path}results/").json()["decision"] is None


def test_speaker_steps_down_once(alice, bob, conference, path, organiser):
    decide_and_accept(conference=conference, candidate=bob, by=organiser)
    assert Program(alice.user).post(f"{path}results/step-down/").status_code == 404
    outcomes = [Program(bob.user).post(f"{path}results/step-down/").json()["outcome"] for _ in range(2)]
    assert outcomes == ["made", "none"]


def test_own_entry_of_the_roll_is_among_all_entries(alice, path):
    own = Program(alice.user).get(f"{path}roll/").json()["own"]
    assert own["state"] == "on_roll"
    assert own["entry"] in Program(alice.user).get(f"{path}roll/entries/").json()["entries"]


def test_roll_names_no_one(alice, bob, path):
    text = Program(alice.user).get(f"{path}roll/").content.decode()
    assert bob.user.email not in text
    assert bob.user.name not in text
