"""Names of those who voted are published only if they reveal no one's vote."""

from itertools import product

import pytest
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.result import hides_choices
from voting.elections.rules.registry import rules_in_words
from voting.tests.factories import make_vote

PEOPLE = "abcdef"


def tally_of(choices):
    return {candidate: choices.count(candidate) for candidate in choices}


@pytest.mark.parametrize(
    ("voters", "tally", "is_published"),
    [
        ([1, 2, 3, 4], {8: 2, 9: 2}, False),
        ([1, 2, 3, 4, 5], {8: 3, 9: 2}, True),
        ([1, 2, 3, 4, 5], {9: 5}, False),
        ([1, 2, 3, 4, 5], {8: 1, 9: 4}, False),
        ([1, 2, 3, 4, 9], {8: 3, 9: 2}, False),
        ([1, 2, 3, 4, 9], {7: 2, 8: 1, 9: 2}, False),
        ([1, 2, 3, 4, 5, 9], {7: 2, 8: 2, 9: 2}, True),
        ([], {}, False),
    ],
    ids=[
        "four voters",
        "five voters who differ",
        "all agree",
        "all but one agree",
        "one of two candidates voted, so for the other",
        "whoever gave the only vote for one knows the rest",
        "a candidate who may have voted for either of two others",
        "nobody voted",
    ],
)
def test_names_are_published_only_if_choices_stay_hidden(voters, tally, is_published):
    assert hides_choices(voters, tally) is is_published


def known_choices(voters, seen, own):
    """Voters whose choice follows from the tally and the names for a reader who knows one voter's choice."""
    options = [[c for c in seen if c != voter] for voter in voters]
    fitting = [choices for choices in product(*options) if tally_of(choices) == seen]
    fitting = [choices for choices in fitting if own is None or choices[own[0]] == own[1]]
    known = {v for v, given in zip(voters, zip(*fitting, strict=True), strict=True) if len(set(given)) == 1}
    return known - ({voters[own[0]]} if own else set())


@pytest.mark.parametrize("voters", ["abcde", "bcdef", "cdefg", "defgh"])
def test_no_tally_of_five_voters_lets_anyone_work_out_a_choice(voters):
    """Every way in which five may vote for four candidates: a, b, c and d."""
    shown, checked = 0, set()
    for choices in product("abcd", repeat=5):
        seen = tally_of(choices)
        key = frozenset(seen.items())
        if key in checked or any(v == c for v, c in zip(voters, choices, strict=True)):
            continue
        checked.add(key)
        if hides_choices(voters, seen):
            shown += 1
            assert not known_choices(voters, seen, None), seen
            for number, voter in enumerate(voters):
                for choice in seen.keys() - {voter}:
                    assert not known_choices(voters, seen, (number, choice)), (seen, voter, choice)
    assert shown > 0 or voters in ("abcde", "bcdef")


@pytest.fixture
def closed_with(conference, alice, bob):
    """Closes the vote after this many votes for each of the two."""

    def close(for_alice, for_bob):
        Election.objects.update(publishes_participants=True, results_visibility="after_close")
        for candidate in [alice] * for_alice + [bob] * for_bob:
            make_vote(make_membership(conference, name="A person"), candidate)
        actions.close_voting(conference=conference)
        return PublishedBallots.objects.get()

    return close


@pytest.mark.parametrize(("for_alice", "for_bob"), [(1, 0), (2, 2), (6, 0), (5, 1)])
def test_result_with_too_few_or_too_alike_votes_names_no_voter(closed_with, as_alice, for_alice, for_bob):
    published = closed_with(for_alice, for_bob)
    assert "voters" not in published.result
    assert "A person" not in str(published.names)
    page = parse(as_alice.get("/conferences/open-conf/results/"))
    assert not page.mentions("A person")
    assert "The names of those who voted are not shown" in page.text


def test_result_with_votes_that_differ_names_the_voters(closed_with, as_alice):
    assert closed_with(3, 3).voters == ["A person"] * 6
    assert parse(as_alice.get(VOTERS)).texts(".voters li") == ["A person"] * 6


def test_ballot_says_before_voting_when_names_are_not_published(as_alice, conference):
    Election.objects.update(publishes_participants=True)
    said = "unless fewer than five did or the count would reveal how a member voted"
    assert said in parse(as_alice.get("/conferences/open-conf/ballot/")).text
    assert any(said in rule for rule in rules_in_words(Conference.objects.get()))


VOTERS = "/conferences/open-conf/results/voters/"


@pytest.fixture
def voters(conference, alice, bob):
    """Publishes a result with the votes of these people."""

    def publish(names):
        Election.objects.update(publishes_participants=True, results_visibility="after_close")
        for number, name in enumerate(names):
            make_vote(make_membership(conference, name=name), bob if number % 2 else alice)
        actions.close_voting(conference=conference)
        return PublishedBallots.objects.get()

    return publish


def names_on(client, **query):
    return parse(client.get(VOTERS, query)).texts(".voters li")


def test_all_names_are_on_pages_of_a_hundred(voters, as_alice):
    names = [f"Voter {number:03}" for number in range(301)]
    voters(names)
    pages = [names_on(as_alice, page=number) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [100, 100, 100, 1]
    assert [name for page in pages for name in page] == names


def test_names_are_in_alphabetical_order_and_the_forgotten_are_last(voters, as_alice):
    published = voters(["Zoe", "Änne", "anton", "Ada", "Bea", "Cem"])
    gone = next(pk for pk, named in published.names.items() if named[0] == "Bea")
    PublishedBallots.objects.update(names={k: v for k, v in published.names.items() if k != gone})
    assert names_on(as_alice) == ["Ada", "Änne", "anton", "Cem", "Zoe", "Deleted person"]


@pytest.mark.parametrize(
    ("words", "found"), [("hemi", ["Hēmi Öz"]), ("oz HEMI", ["Hēmi Öz"]), ("hemi x", []), ("deleted", [])]
)
def test_a_name_is_found_as_everywhere(voters, as_alice, words, found):
    voters(["Hēmi Öz", "Ada", "Bea", "Cem", "Dan", "Eva"])
    assert names_on(as_alice, q=words) == found


def test_page_of_the_result_leads_to_the_names(closed_with, as_alice):
    closed_with(3, 3)
    assert VOTERS in parse(as_alice.get("/conferences/open-conf/results/")).links


@pytest.mark.parametrize(("for_alice", "for_bob"), [(2, 2), (6, 0)])
def test_without_published_names_there_is_no_page_of_them(closed_with, as_alice, for_alice, for_bob):
    closed_with(for_alice, for_bob)
    assert as_alice.get(VOTERS).status_code == 404
    assert VOTERS not in parse(as_alice.get("/conferences/open-conf/results/")).links


def test_names_are_for_members_who_see_the_result(closed_with, as_alice, stranger):
    closed_with(3, 3)
    assert log_in_freshly(Client(), stranger).get(VOTERS).status_code == 404
    Election.objects.update(results_visibility="after_decision")
    assert as_alice.get(VOTERS).status_code == 404
