import json

import pytest

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.models import Conference
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.receipts.receipt import receipt_of
from voting.tests.factories import close_and_decide, make_vote


@pytest.fixture
def voted(alice, bob):
    actions.cast_vote(by=Actor(alice.user), slug="open-conf", candidate_id=bob.pk)
    return Vote.objects.get()


@pytest.fixture
def decided(voted, conference, bob, organiser):
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))


def test_the_receipt_page_shows_the_tracker(as_alice, voted):
    assert voted.tracker in parse(as_alice.get("/conferences/open-conf/vote/receipt/")).text


def test_the_downloaded_receipt_is_the_votes(as_alice, voted):
    answer = as_alice.get("/conferences/open-conf/vote/receipt.json")
    assert json.loads(answer.content) == receipt_of(voted)
    assert answer["Content-Disposition"] == 'attachment; filename="receipt-open-conf.json"'


def test_the_receipt_page_says_what_becomes_of_it(as_alice, voted):
    page = parse(as_alice.get("/conferences/open-conf/vote/receipt/"))
    assert "The old one no longer counts, but still shows how you voted then." in page.text


def test_without_a_vote_there_is_no_receipt(as_alice):
    assert as_alice.get("/conferences/open-conf/vote/receipt/").status_code == 404


def test_a_stranger_gets_no_receipt(as_stranger, voted):
    assert as_stranger.get("/conferences/open-conf/vote/receipt.json").status_code == 404


@pytest.mark.parametrize("name", ["ballots.csv", "result.json"])
def test_members_do_not_get_the_file_before_the_result_is_out(as_alice, voted, conference, name):
    actions.close_voting(conference=conference)
    assert as_alice.get(f"/conferences/open-conf/results/{name}").status_code == 404


@pytest.mark.parametrize("name", ["ballots.csv", "result.json"])
def test_members_get_the_file_with_the_result(as_alice, decided, name):
    assert as_alice.get(f"/conferences/open-conf/results/{name}").status_code == 200


@pytest.mark.parametrize("name", ["ballots.csv", "result.json"])
def test_strangers_do_not_get_the_file(as_stranger, decided, name):
    assert as_stranger.get(f"/conferences/open-conf/results/{name}").status_code == 404


def test_the_result_page_shows_the_digest(as_alice, decided, conference):
    page = parse(as_alice.get("/conferences/open-conf/results/"))
    assert Conference.objects.get().election.published_ballots.digest in page.text


def test_the_checking_program_is_the_one_we_test(as_alice, decided):
    program = as_alice.get("/conferences/open-conf/results/verify.py").content.decode()
    assert "def check_ballots" in program
    compile(program, "verify.py", "exec")


def check(client, text):
    return client.post("/conferences/open-conf/results/receipt/", {"receipt": text}, follow=True)


def test_a_right_receipt_is_confirmed(as_alice, voted, decided):
    page = parse(check(as_alice, json.dumps(receipt_of(voted))))
    assert "Your vote is among the published ballots" in page.text


def test_a_wrong_receipt_is_shown_and_kept(as_alice, voted, decided):
    text = json.dumps({**receipt_of(voted), "choice": 999})
    page = parse(check(as_alice, text))
    assert "but the ballot says" in page.text
    assert "999" in page.text


def test_nonsense_instead_of_a_receipt_is_refused_in_words(as_alice, decided):
    assert "This is not a receipt" in parse(check(as_alice, "\ud7ff{")).text


def test_what_is_no_receipt_stays_in_the_form_that_says_so(as_alice, decided):
    page = parse(check(as_alice, "half a receipt"))
    form = page.part('form[action="/conferences/open-conf/results/receipt/"]')
    assert "This is not a receipt" in form.text
    assert form.field("receipt")["value"] == "half a receipt"
    assert form.has("textarea[autofocus]")


def test_the_result_links_the_receipt_of_a_member_who_voted(as_alice, client, bob, decided):
    link = "/conferences/open-conf/vote/receipt/"
    assert link in parse(as_alice.get("/conferences/open-conf/results/")).links
    client.force_login(bob.user)
    assert not parse(client.get("/conferences/open-conf/results/")).mentions(link)


def test_how_the_vote_works_is_open_to_everyone(client, db):
    page = parse(client.get("/how-the-vote-works/"))
    assert "the operators of the server could read votes" in page.text
    assert "Belenios" in page.text


def test_the_ballot_promises_no_more_than_the_page_on_the_vote(as_alice, voted, conference):
    page = parse(as_alice.get("/conferences/open-conf/ballot/"))
    assert "No member or organiser sees it." in page.text
    assert "No member or organiser learns whom you voted for" in page.text
    assert page.links.count("/how-the-vote-works/") >= 2


def test_how_the_vote_works_begins_with_who_votes_and_who_decides(client, db):
    page = parse(client.get("/how-the-vote-works/"))
    questions = ["Who votes", "When", "For whom", "What a pitch and a campaign are", "Who decides"]
    assert page.texts("dt")[: len(questions)] == questions


@pytest.mark.parametrize("path", ["/me/", "/conferences/open-conf/ballot/", "/conferences/open-conf/"])
def test_a_vote_without_a_receipt_offers_none(as_alice, alice, bob, path):
    vote = make_vote(alice, bob)
    type(vote).objects.update(nonce=None)
    assert not parse(as_alice.get(path)).mentions("/vote/receipt/")
