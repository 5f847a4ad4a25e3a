"""The ballot says once, and only to the browser that voted, that a vote has just been stored."""

import pytest
from django.conf import settings

from confbox.kit.tests.page import parse

pytestmark = pytest.mark.django_db
BALLOT, VOTE = "/conferences/open-conf/ballot/", "/conferences/open-conf/vote/"
NEW, TITLE = "section.slip-done.is-new", "#my-vote"


def ballot(client):
    return parse(client.get(BALLOT))


def test_ballot_after_a_vote_says_so_once(as_alice, bob):
    assert not as_alice.post(VOTE, {"candidate": bob.pk}).wsgi_request._messages
    page = ballot(as_alice)
    assert page.has(NEW)
    assert page.texts(TITLE) == ["Your vote is in"]
    assert not ballot(as_alice).has(NEW)


def test_ballot_after_a_changed_vote_says_so_once(as_alice, bob, carol):
    as_alice.post(VOTE, {"candidate": bob.pk})
    as_alice.post(VOTE, {"candidate": carol.pk, "moves": "1"})
    assert ballot(as_alice).texts(TITLE) == ["Your vote has been changed"]
    assert ballot(as_alice).texts(TITLE) == ["Your vote is in"]


def test_vote_by_htmx_is_answered_with_what_was_done(as_alice, bob):
    page = parse(as_alice.post(VOTE, {"candidate": bob.pk}, HTTP_HX_REQUEST="true"))
    assert page.has(NEW)
    assert not ballot(as_alice).has(NEW)


def test_refused_vote_is_not_said_to_be_in(as_alice, bob):
    as_alice.post(VOTE, {"candidate": bob.pk})
    ballot(as_alice)
    page = parse(as_alice.post(VOTE, {"candidate": "none"}, follow=True))
    assert page.messages == ["Please choose one member to vote for."]
    assert not page.has(NEW)


@pytest.mark.parametrize("value", ["other-conf.first", "open-conf.", "open-conf.else", "open-conf", ".", ""])
def test_another_note_is_nothing_and_is_deleted(as_alice, bob, value):
    as_alice.post(VOTE, {"candidate": bob.pk})
    as_alice.cookies[settings.VOTED_COOKIE_NAME] = value
    response = as_alice.get(BALLOT)
    assert not parse(response).has(NEW)
    assert response.cookies[settings.VOTED_COOKIE_NAME]["max-age"] == 0


def test_note_without_a_vote_shows_none(as_alice):
    as_alice.cookies[settings.VOTED_COOKIE_NAME] = "open-conf.first"
    assert not ballot(as_alice).has(".slip-done")
