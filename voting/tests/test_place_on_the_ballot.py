"""A member who votes from a later page of the ballot, or from a search, is redirected back there."""

import pytest

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_membership
from voting.elections.models import Vote
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db

BALLOT, VOTE = "/conferences/open-conf/ballot/", "/conferences/open-conf/vote/"


@pytest.fixture
def candidates(conference):
    people = [make_membership(conference, name=f"Candidate {n}") for n in range(25)]
    for person in people:
        make_pitch(person)
    return people


def fields_of(page, action):
    """The hidden fields of the forms for this path, as a browser without scripts sends them."""
    hidden = f'form[action="{action}"] input[type=hidden]'
    names, values = (parse(page).attributes(hidden, name) for name in ("name", "value"))
    fields = dict(zip(names, values, strict=True))
    fields.pop("csrfmiddlewaretoken")
    return fields


def vote_from(client, query):
    page = client.get(BALLOT, query)
    chosen = parse(page).attributes("button[name=candidate]", "value")[0]
    return client.post(VOTE, fields_of(page, VOTE) | {"candidate": chosen})


def shown_on(page):
    return parse(page).attributes("ul.candidates h3 a", "href")


@pytest.mark.parametrize(
    ("query", "back"),
    [
        ({"page": 3}, f"{BALLOT}?page=3"),
        ({"q": "Candidate 1"}, f"{BALLOT}?q=Candidate+1"),
        ({"q": "candidate", "page": 2}, f"{BALLOT}?q=candidate&page=2"),
        ({}, BALLOT),
    ],
)
def test_vote_leads_back_to_the_place_it_was_given_from(as_alice, candidates, query, back):
    assert vote_from(as_alice, query).url == back
    assert Vote.objects.count() == 1


def test_page_after_the_vote_shows_the_same_candidates(as_alice, candidates):
    before = shown_on(as_alice.get(BALLOT, {"page": 2}))
    assert len(before) == 10
    assert shown_on(as_alice.get(vote_from(as_alice, {"page": 2}).url)) == before


def test_withdrawing_a_vote_and_giving_it_back_keeps_the_place(as_alice, alice, candidates):
    make_vote(alice, candidates[0])
    withdraw = f"{VOTE}withdraw/"
    fields = fields_of(as_alice.get(BALLOT, {"q": "candidate", "page": 2}), withdraw)
    page = as_alice.post(withdraw, fields, follow=True)
    assert page.redirect_chain[-1][0] == f"{BALLOT}?q=candidate&page=2"
    assert as_alice.post(VOTE, fields_of(page, VOTE) | {"candidate": candidates[0].pk}).url.endswith("page=2")


@pytest.mark.parametrize(
    "place",
    [
        *({"page": "//evil.example"}, {"page": "-1"}, {"page": "1e3"}, {"page": "9" * 50}, {"page": "２"}),
        *({"next": "https://evil.example/"}, {"page": "2\r\nX: y"}, {"q": "\0"}),
    ],
)
def test_strange_place_is_the_first_page(as_alice, candidates, place):
    assert as_alice.post(VOTE, {"candidate": candidates[0].pk} | place).url == BALLOT


@pytest.mark.parametrize("words", ["//evil.example", "&page=7", "#x", "a b", "ü" * 500])
def test_search_stays_within_the_ballot(as_alice, candidates, words):
    back = as_alice.post(VOTE, {"candidate": candidates[0].pk, "q": words}).url
    assert back.startswith(f"{BALLOT}?q=")
    assert as_alice.get(back).context["q"] == words[:200]


def test_refused_vote_keeps_the_place(as_alice, alice, candidates):
    assert as_alice.post(VOTE, {"candidate": alice.pk, "page": "2"}).url == f"{BALLOT}?page=2"
