"""Nothing made for one person is cached: what no walk through the routes asks for; see test_routes."""

import pytest
from django.core.cache import cache

from accounts.actors import Actor
from accounts.calendar_keys import calendar_secret, renew_calendar_key
from accounts.tests.factories import PASSWORD, log_in_freshly
from voting.campaigns.tokens import unsubscribe_token
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.receipts.actions import publish_closed_ballots
from voting.tests.factories import make_vote


def is_private(answer):
    said = answer.headers.get("Cache-Control", "")
    return "private" in said and "no-store" in said


def test_no_copy_is_kept_of_receipt_and_result(client, conference, alice, bob, carol):
    for voter, candidate in ((alice, bob), (bob, carol), (carol, bob)):
        make_vote(voter, candidate)
    Election.objects.filter(pk=conference.pk).update(results_visibility="after_close")
    log_in_freshly(client, alice.user)
    conference.refresh_from_db()
    actions.close_voting(conference=conference)
    publish_closed_ballots()
    for name in ("vote/receipt.json", "results/ballots.csv", "results/result.json"):
        answer = client.get(f"/conferences/open-conf/{name}")
        assert (answer.status_code, is_private(answer)) == (200, True), name


def test_no_copy_is_kept_of_a_calendar_with_a_secret_address(client, alice):
    renew_calendar_key(by=Actor(alice.user))
    answer = client.get("/conferences.ics", {"key": calendar_secret(alice.user)})
    assert (answer.status_code, is_private(answer)) == (200, True)


def test_no_copy_is_kept_of_a_page_that_a_secret_link_opens(client, alice):
    assert is_private(client.get(f"/unsubscribe/{unsubscribe_token(alice.pk)}/"))


@pytest.mark.django_db
def test_no_copy_is_kept_of_a_page_to_a_person_who_signs_up(client):
    cache.clear()
    data = {"name": "Nia Okoye", "email": "nia@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", data)
    assert is_private(client.get("/accounts/signup/code/"))
    assert is_private(client.get("/"))
