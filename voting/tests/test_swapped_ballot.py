"""A browser that replaces parts of its page gets those of the ballot as it is after its vote, and no more."""

import pytest

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_membership
from voting.elections.models import Vote
from voting.tests.factories import close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db

BALLOT, VOTE = "/conferences/open-conf/ballot/", "/conferences/open-conf/vote/"
SWAPS = {"HX-Request": "true", "HX-Target": "ballot"}
PARTS = ("#ballot", "#messages")


@pytest.fixture(autouse=True)
def candidates(conference):
    people = [make_membership(conference, name=f"Candidate {n}") for n in range(25)]
    for person in people:
        make_pitch(person)
    return people


def without_tokens(page, part):
    html = page.content.decode()
    for token in parse(page).attributes("input[name=csrfmiddlewaretoken]", "value"):
        html = html.replace(token, "token")
    return parse(html).part(part).source


def test_vote_is_answered_with_the_ballot_that_the_voter_would_be_redirected_to(as_alice, candidates):
    vote = {"candidate": candidates[3].pk, "page": 2}
    page = as_alice.get(as_alice.post(VOTE, vote).url, headers=SWAPS)
    Vote.objects.all().delete()
    answer = as_alice.post(VOTE, vote, headers=SWAPS)
    assert answer.status_code == 200
    for part in PARTS:
        assert without_tokens(answer, part) == without_tokens(page, part)


def test_vote_is_shown_at_once(as_alice, candidates):
    answer = as_alice.post(VOTE, {"candidate": candidates[3].pk}, headers=SWAPS)
    assert "You chose Candidate 3" in parse(answer).part(".slip-done").text
    assert Vote.objects.get().candidate == candidates[3]


def test_refusal_is_shown_with_the_ballot_as_it_is(as_alice, alice, candidates):
    make_vote(alice, candidates[0])
    answer = as_alice.post(VOTE, {"candidate": alice.pk}, headers=SWAPS)
    page = parse(answer)
    assert "yourself" in page.part("#messages").text
    assert "You chose Candidate 0" in page.part(".slip-done").text


def test_vote_without_a_choice_is_answered_with_what_to_do(as_alice):
    page = parse(as_alice.post(VOTE, headers=SWAPS))
    assert "Please choose one member to vote for." in page.part("#messages").text


def test_vote_after_the_close_is_answered_with_the_closed_ballot(as_alice, conference, candidates):
    close_by_clock(conference)
    page = parse(as_alice.post(VOTE, {"candidate": candidates[0].pk}, headers=SWAPS))
    assert page.texts("#ballot .vote-button") == []
    assert "closed" in page.part("#messages").text


def test_parts_come_without_the_page_around_them(as_alice, candidates):
    answer = parse(as_alice.post(VOTE, {"candidate": candidates[0].pk}, headers=SWAPS))
    assert [answer.texts(outside) for outside in ("title", "header", "footer")] == [[], [], []]


@pytest.mark.parametrize("more", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}])
def test_browser_that_replaces_its_whole_page_gets_it(as_alice, candidates, more):
    assert as_alice.post(VOTE, {"candidate": candidates[0].pk}, headers=SWAPS | more).status_code == 302
    page = parse(as_alice.get(BALLOT, headers=SWAPS | more))
    assert len(page.texts("footer")) == 1


def test_browser_without_scripts_is_redirected(as_alice, candidates):
    assert as_alice.post(VOTE, {"candidate": candidates[0].pk}).url == BALLOT


@pytest.mark.parametrize("path", ["/", "/conferences/open-conf/members/", BALLOT])
def test_search_is_answered_with_all_parts_that_the_page_replaces(as_alice, path):
    whole, parts = (parse(as_alice.get(path, {"q": "Candidate"}, headers=h)) for h in ({}, SWAPS))
    [others] = whole.attributes(".search", "data-hx-select-oob")
    for selector in ["#found", *(other.partition(":")[0] for other in others.split(","))]:
        assert parts.texts(selector) == whole.texts(selector)
    assert parts.texts("footer") == []


def test_parts_tell_no_site_which_page_was_read(as_alice, candidates):
    answer = as_alice.post(VOTE, {"candidate": candidates[0].pk}, headers=SWAPS)
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]
