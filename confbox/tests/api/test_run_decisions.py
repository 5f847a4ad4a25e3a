"""The choice of the speaker, as programs of a team make it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.calls import Program
from confbox.tests.api.desk import REASON
from confbox.tests.api.organising import SCOPES
from conferences.models import Conference, ConsentRequest
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.elections.models import Decision
from voting.tests.consent import make_team
from voting.tests.factories import close_by_clock, decide_and_accept, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(conference, alice, bob, carol):
    """Two have voted for Bob."""
    for voter in (alice, carol):
        make_vote(voter, bob)
    close_by_clock(conference)
    return conference


def test_speaker_is_chosen_with_the_version_that_was_read(closed, bob, desk, owner):
    found = owner.get(f"{desk}decide/{bob.pk}/").json()
    assert "Bob has 2 of 2 votes: rank 1." in found["consequences"]
    assert outcome(owner.post(f"{desk}decide/{bob.pk}/", {"seen": found["seen"]})) == "made"
    [decision] = owner.get(f"{desk}decision/").json()["items"]
    assert (decision["member"], decision["answer"]) == (bob.pk, "pending")
    again = owner.post(f"{desk}decide/{bob.pk}/", {"seen": found["seen"]})
    assert (again.status_code, kind(again)) == (409, "speaker-chosen")
    assert Decision.objects.count() == 1


def test_member_who_does_not_lead_is_chosen_only_with_a_reason(closed, alice, desk, owner):
    response = owner.post(f"{desk}decide/{alice.pk}/", {})
    assert (response.status_code, kind(response)) == (409, "reason-missing")
    assert response.json()["detail"] == "Please give a reason: this member is not the sole leader."
    assert outcome(owner.post(f"{desk}decide/{alice.pk}/", REASON)) == "made"


def test_no_one_is_chosen_while_voting_is_open(alice, bob, desk, owner):
    make_vote(alice, bob)
    response = owner.post(f"{desk}decide/{bob.pk}/", REASON)
    assert (response.status_code, kind(response)) == (409, "voting-not-over")
    assert response.json()["detail"].startswith("Voting is open.")
    assert owner.get(f"{desk}decide/{bob.pk}/").json()["refusal"] == response.json()["detail"]
    assert owner.get(f"{desk}decision/").json() == {"can_decide": False, "can_be_chosen": [], "items": []}


def test_votes_of_a_cancelled_vote_stay_secret(alice, bob, conference, desk, owner):
    make_vote(alice, bob)
    now = timezone.now()
    Conference.objects.filter(pk=conference.pk).update(status="cancelled", stopped_at=now)
    found = owner.get(f"{desk}decide/{bob.pk}/").json()
    said = "This conference is cancelled, so it has no speaker."
    assert (found["refusal"], found["consequences"]) == (said, [])
    assert owner.get(f"{desk}result/").json()["state"] == "secret"


def test_member_of_another_conference_is_not_chosen(closed, desk, owner):
    other = make_membership(make_conference(voting="closed"))
    assert owner.post(f"{desk}decide/{other.pk}/", REASON).status_code == 404


def test_only_those_who_are_tied_can_be_chosen_where_the_rules_say_so(
    conference, alice, bob, carol, desk, owner
):
    update_elections(ties="tied_only")
    make_vote(alice, bob)
    make_vote(bob, alice)
    close_by_clock(conference)
    assert owner.get(f"{desk}decision/").json()["can_be_chosen"] == sorted([alice.pk, bob.pk])
    assert owner.post(f"{desk}decide/{carol.pk}/", REASON).status_code == 409


def test_second_person_is_asked_to_confirm_the_choice(closed, bob, desk):
    first, _second = make_team(closed, "decision")
    response = Program(first, *SCOPES).post(f"{desk}decide/{bob.pk}/", {})
    assert (response.status_code, response.json()["outcome"]) == (202, "asked")
    assert ConsentRequest.objects.get().act == "decision"
    assert not Decision.objects.exists()


def test_pending_choice_is_withdrawn_once(closed, bob, desk, owner):
    owner.post(f"{desk}decide/{bob.pk}/", {})
    path = f"{desk}take-back/{Decision.objects.get().pk}/"
    assert "has not answered yet" in owner.get(path).json()["consequences"][0]
    assert [outcome(owner.post(path, {})) for _ in range(2)] == ["made", "none"]
    assert owner.get(path).json()["refusal"]


def test_speaker_who_has_accepted_is_withdrawn_with_a_reason(closed, bob, desk, organiser, owner, observer):
    decide_and_accept(conference=closed, candidate=bob, by=organiser)
    path = f"{desk}take-back/{Decision.objects.get().pk}/"
    assert fields(owner.post(path, {})) == ["reason"]
    assert outcome(owner.post(path, REASON)) == "made"
    reasons = [
        each.get(f"{desk}decision/").json()["items"][0]["decline_reason"] for each in (owner, observer)
    ]
    assert reasons == [REASON["reason"], ""]


def test_answer_is_asked_for_by_another_time(closed, bob, desk, owner):
    owner.post(f"{desk}decide/{bob.pk}/", {})
    path = f"{desk}reply-by/{Decision.objects.get().pk}/"
    until = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    assert [outcome(owner.post(path, {"reply_by": until.isoformat()})) for _ in range(2)] == ["made", "none"]
    assert Decision.objects.get().reply_by == until
    soon = owner.post(path, {"reply_by": timezone.now().isoformat()})
    assert soon.json()["detail"] == "Please leave at least an hour for the answer."
