"""Turnout and tally, as programs of a team read them."""

import pytest

from accounts.models import AdminAct
from conferences.tests.factories import make_membership, update_elections
from voting.tests.factories import close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db


def test_turnout_has_numbers_and_no_votes(alice, bob, desk, observer):
    make_vote(alice, bob)
    response = observer.get(f"{desk}turnout/")
    turnout = response.json()
    assert (turnout["state"], turnout["votes"], turnout["may_vote"], turnout["percent"]) == (
        "open",
        1,
        2,
        50.0,
    )
    assert bob.user.name not in response.content.decode()


def test_turnout_joins_hours_with_fewer_than_five_votes(alice, bob, conference, desk, observer):
    for number in range(4):
        make_vote(make_membership(conference, name=f"Voter {number}"), bob)
    assert observer.get(f"{desk}turnout/").json()["hours"] == []
    make_vote(alice, bob)
    turnout = observer.get(f"{desk}turnout/").json()
    assert [step["votes"] for step in turnout["hours"]] == [5]
    assert [(day["votes"], day["so_far"]) for day in turnout["days"]] == [(5, 5)]


def test_candidates_are_those_with_a_pitch_or_whom_the_search_finds(alice, bob, desk, observer):
    make_pitch(bob)
    names = lambda query: [row["name"] for row in observer.get(f"{desk}candidates/{query}").json()["items"]]  # noqa: E731
    assert names("") == ["Bob"]
    assert names("?q=ali") == ["Alice"]


def test_tally_is_secret_while_voting_is_open(alice, bob, desk, owner):
    make_vote(alice, bob)
    tally = owner.get(f"{desk}result/").json()
    assert (tally["state"], tally["votes"], tally["candidates"]) == ("secret", None, [])
    assert tally["refusal"].startswith("Votes per candidate are secret until voting closes")
    response = owner.post(f"{desk}result/export/")
    assert (response.status_code, response.json()["detail"]) == (409, tally["refusal"])
    assert not AdminAct.objects.filter(act="export").exists()


def test_tally_is_live_where_the_rules_say_so(alice, bob, desk, owner):
    make_vote(alice, bob)
    update_elections(organisers_see_tally="live")
    tally = owner.get(f"{desk}result/").json()
    assert (tally["state"], [(row["name"], row["votes"]) for row in tally["candidates"]]) == (
        "live",
        [("Bob", 1)],
    )


def test_tally_is_final_after_the_close_and_its_export_is_logged(alice, bob, conference, desk, owner):
    make_vote(alice, bob)
    close_by_clock(conference)
    assert owner.get(f"{desk}result/").json()["state"] == "final"
    exported = owner.post(f"{desk}result/export/").json()
    assert [(row["member"], row["votes"], row["headline"]) for row in exported["candidates"]] == [
        (bob.pk, 1, "")
    ]
    assert AdminAct.objects.get(act="export").channel == "api"
