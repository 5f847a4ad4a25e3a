"""The panels of the page of results, and of a candidate's public page, in each of their states."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import Conference
from conferences.tests.factories import make_membership, update_elections
from voting.elections import actions
from voting.elections.models import Pitch
from voting.elections.panels.candidate import NEXT_STEP, VOTERS_NOTE
from voting.elections.panels.results import DECISION_PANEL, RESULT_PANEL, WHO_VOTED_NOTE
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote


def decide(conference, speaker, organiser, answer):
    decision = close_and_decide(conference=conference, candidate=speaker, by=organiser, reason="The best")
    if answer != "pending":
        actions.answer_decision(decision=decision, accept=answer == "accepted", by=Actor(speaker.user))


RESULTS = [
    ("live", "live", None),
    ("undecided", "after_close", "closed"),
    ("undecided", "after_close", "declined"),
    ("decided", "after_close", "accepted"),
    ("shown_after_close", "after_close", None),
    ("shown_after_decision", "after_decision", "closed"),
    ("shown_after_decision", "after_decision", "declined"),
    (None, "after_decision", "pending"),
]


@pytest.mark.parametrize(("state", "visibility", "outcome"), RESULTS)
def test_count_on_the_page_of_results(
    as_alice, alice, bob, organiser, conference, state, visibility, outcome
):
    """Alice is the chosen member."""
    make_vote(bob, alice)
    update_elections(conference, results_visibility=visibility)
    if outcome == "closed":
        close_by_clock(conference)
    elif outcome:
        decide(conference, alice, organiser, outcome)
    answer = as_alice.get("/conferences/open-conf/results/")
    panel = answer.context["result"]
    assert (panel and panel.state) == state
    assert parse(answer).number_of("#result, #live") == (1 if state else 0)


def test_tie_and_no_votes_are_named(as_alice, alice, bob, conference):
    update_elections(conference, results_visibility="live")
    assert "No votes were cast." in parse(as_alice.get("/conferences/open-conf/results/")).text
    make_vote(bob, alice)
    make_vote(alice, bob)
    page = parse(as_alice.get("/conferences/open-conf/results/"))
    assert "2 candidates are tied for first place with 1 vote each." in page.text
    assert page.texts("table.count .badge-warning") == ["Tie", "Tie"]


DECISIONS = [
    ("mine_pending", "alice", "pending", "Yes, I will speak"),
    ("mine_accepted", "alice", "accepted", "Step down"),
    ("accepted", "bob", "accepted", None),
    (None, "bob", "pending", None),
    (None, "alice", "declined", None),
]


@pytest.mark.parametrize(("state", "speaker", "answer", "button"), DECISIONS)
def test_decision_on_the_page_of_results(
    as_alice, alice, bob, organiser, conference, state, speaker, answer, button
):
    make_vote(bob, alice)
    decide(conference, {"alice": alice, "bob": bob}[speaker], organiser, answer)
    response = as_alice.get("/conferences/open-conf/results/")
    panel, page = response.context["decision"], parse(response)
    assert (panel and panel.state) == state
    assert page.has("#decision") == bool(state)
    assert page.texts("#answer button")[:1] == ([button] if button else [])


READERS = [("member", "alice"), ("can_join", "stranger"), ("can_sign_up", None)]


@pytest.fixture
def public_page(bob):
    make_pitch(bob)
    Pitch.objects.update(shared_at=timezone.now())
    return f"/conferences/open-conf/candidates/{bob.pk}/"


@pytest.mark.parametrize(("state", "reader"), READERS)
def test_next_step_on_the_public_page_of_a_candidate(client, alice, stranger, public_page, state, reader):
    if reader:
        client.force_login({"alice": alice.user, "stranger": stranger}[reader])
    answer = client.get(public_page)
    assert answer.context["next_step"].state == state
    assert parse(answer).number_of("#next-step") == 1


def test_public_page_of_a_candidate_leads_nowhere_once_the_conference_is_over(client, public_page):
    now = timezone.now()
    Conference.objects.update(starts_at=now, ends_at=now)
    answer = client.get(public_page)
    assert answer.context["next_step"].state == "over"
    assert "This conference is over." in parse(answer).part("#next-step").text


JOINERS = [
    ("can_vote", {}, "Only members can vote."),
    ("too_late", {"late_joiners": "may_not_vote"}, "Voting has opened, and under the rules"),
    (
        "roster_votes",
        {"who_votes": "roster"},
        "Members who are on the organisers’ list of participants can vote.",
    ),
    ("after_voting", {"closes_at": timezone.now()}, "Voting is over. Members see the result."),
]


@pytest.mark.parametrize("reader", ["stranger", None])
@pytest.mark.parametrize(("state", "columns", "words"), JOINERS)
def test_public_page_of_a_candidate_says_whether_who_joins_can_vote(
    client, conference, stranger, public_page, state, columns, words, reader
):
    update_elections(conference, **columns)
    if reader:
        client.force_login(stranger)
    answer = client.get(public_page)
    assert answer.context["next_step"].facts["voters_note"].state == state
    page = parse(answer).part("#next-step")
    assert words in page.text
    assert reader or page.texts("a.btn") == ["Sign up to vote" if state == "can_vote" else "Sign up to join"]


VOTERS = [
    (None, False, 3, None),
    ("withheld", True, 1, "The names of those who voted are not shown"),
    ("named", True, 3, "Who voted"),
]


@pytest.mark.parametrize(("state", "publishes", "votes_for_each", "words"), VOTERS)
def test_names_of_those_who_voted(as_alice, alice, bob, conference, state, publishes, votes_for_each, words):
    update_elections(conference, publishes_participants=publishes, results_visibility="after_close")
    for candidate in [alice, bob] * votes_for_each:
        make_vote(make_membership(conference), candidate)
    actions.close_voting(conference=conference)
    answer = as_alice.get("/conferences/open-conf/results/")
    note = answer.context["who_voted"]
    assert (note and note.state) == state
    page = parse(answer).part("#proof")
    assert page.has("a[href$='/results/voters/']") == (state == "named")
    assert not words or words in page.text


def test_every_state_has_a_row_and_a_template():
    assert states_of(RESULT_PANEL) == {state for state, *_ in RESULTS if state} | {"counting"}
    assert states_of(DECISION_PANEL) == {state for state, *_ in DECISIONS if state}
    assert states_of(NEXT_STEP) == {state for state, *_ in READERS} | {"over"}
    assert states_of(VOTERS_NOTE) == {state for state, *_ in JOINERS}
    assert states_of(WHO_VOTED_NOTE) == {state for state, *_ in VOTERS if state}
