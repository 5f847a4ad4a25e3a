"""Of which acts of a vote webhooks are notified, and that no vote can be derived from it."""

import json

import pytest

from accounts.actors import Actor
from conferences.outbox.kinds import KINDS
from conferences.outbox.models import WebhookEvent
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.webhooks import events, make_endpoint
from voting.campaigns.actions import request_campaign
from voting.campaigns.models import Campaign
from voting.campaigns.sending.dispatch import finish_campaign
from voting.elections.actions import cast_vote, decide_speaker, leave_conference, withdraw_vote
from voting.elections.answers import answer_decision, step_down
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.roll.actions import ensure_frozen, freeze_opened_rolls
from voting.elections.window import close_early
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def hooked(conference):
    make_endpoint(conference)
    return conference


def data_of(kind):
    return [event.data for event in WebhookEvent.objects.filter(kind=kind)]


def test_voting_opens_once_also_if_a_page_notices_it_first(hooked, alice):
    ensure_frozen(conference=hooked)
    freeze_opened_rolls()
    freeze_opened_rolls()
    assert events() == ["voting.opened"]
    assert data_of("voting.opened") == [{"conference_id": hooked.pk, "conference_slug": "open-conf"}]


def test_voting_that_has_not_opened_is_no_event():
    make_endpoint(make_conference(voting="scheduled"))
    freeze_opened_rolls()
    assert events() == []


def test_votes_are_no_events(hooked, alice, bob):
    freeze_opened_rolls()
    make_pitch(bob)
    by = Actor(alice.user)
    cast_vote(slug="open-conf", candidate_id=bob.pk, by=by)
    withdraw_vote(conference=hooked, by=by)
    cast_vote(slug="open-conf", candidate_id=bob.pk, by=by)
    leave_conference(membership=alice, by=by)
    assert events() == ["voting.opened"]


def test_voting_closes_once_without_any_figure(hooked, alice, bob):
    freeze_opened_rolls()
    make_vote(alice, bob)
    close_by_clock(hooked)
    publish_closed_ballots()
    publish_closed_ballots()
    assert events() == ["voting.opened", "voting.closed"]
    assert data_of("voting.closed") == [{"conference_id": hooked.pk, "conference_slug": "open-conf"}]


def test_voting_that_is_closed_early_closes_and_changes_the_conference(hooked, alice, organiser):
    freeze_opened_rolls()
    close_early(conference=hooked, reason="All have voted.", by=Actor(organiser))
    assert events() == ["voting.opened", "voting.closed", "conference.changed"]


@pytest.mark.parametrize("rule", ["after_close", "live"])
def test_result_is_published_with_the_close_if_the_rules_say_so(rule, alice):
    conference = make_conference(voting="closed", results_visibility=rule)
    make_endpoint(conference)
    publish_closed_ballots()
    assert events()[-2:] == ["voting.closed", "result.published"]


def test_result_of_a_secret_count_is_published_once_a_speaker_accepts(hooked, alice, bob, organiser):
    decision = close_and_decide(conference=hooked, candidate=bob, by=organiser, reason="Clear.")
    assert "result.published" not in events()
    answer_decision(decision=decision, accept=True, by=Actor(bob.user))
    assert events()[-3:] == ["decision.made", "decision.answered", "result.published"]


def test_second_speaker_does_not_publish_the_result_again(hooked, alice, bob, organiser):
    first = close_and_decide(conference=hooked, candidate=bob, by=organiser, reason="Clear.")
    answer_decision(decision=first, accept=True, by=Actor(bob.user))
    step_down(decision=first, by=Actor(bob.user))
    hooked.refresh_from_db()
    again = decide_speaker(conference=hooked, candidate=alice, by=Actor(organiser), reason="Next.")
    answer_decision(decision=again, accept=True, by=Actor(alice.user))
    assert events().count("result.published") == 1


def test_decision_has_ids_and_no_tally(hooked, alice, bob, organiser):
    make_vote(alice, bob)
    decision = close_and_decide(conference=hooked, candidate=bob, by=organiser, reason="Clear.")
    ids = {"conference_id": hooked.pk, "conference_slug": "open-conf"}
    assert data_of("decision.made") == [ids | {"decision_id": decision.pk, "member_id": bob.pk}]


@pytest.mark.parametrize(("accept", "state"), [(True, "accepted"), (False, "declined")])
def test_answer_has_its_state_and_no_reason(hooked, alice, bob, organiser, accept, state):
    decision = close_and_decide(conference=hooked, candidate=bob, by=organiser, reason="Clear.")
    answer_decision(decision=decision, accept=accept, by=Actor(bob.user), reason="I am ill.")
    [data] = data_of("decision.answered")
    assert data["state"] == state
    assert "ill" not in json.dumps(data)


def test_request_of_a_campaign_has_ids_and_no_text(hooked, alice):
    make_pitch(alice)
    asked = request_campaign(membership=alice, subject="Queues", message="Long.", by=Actor(alice.user))
    ids = {"conference_id": hooked.pk, "conference_slug": "open-conf"}
    more = {"campaign_id": asked.pk, "member_id": alice.pk, "kind": "promotion"}
    assert data_of("campaign.requested") == [ids | more]


def test_request_sent_twice_is_one_event(hooked, alice):
    make_pitch(alice)
    for _ in range(2):
        request_campaign(membership=alice, subject="Queues", message="Long.", by=Actor(alice.user))
    assert events() == ["campaign.requested"]


def test_sent_campaign_is_an_event(hooked, alice):
    finish_campaign(make_campaign(alice, status="sending").pk)
    assert events() == ["campaign.sent"]


def test_reminder_to_those_who_have_not_voted_is_no_event(hooked, alice):
    """How soon it is sent would show how many they are."""
    written = {"kind": "reminder", "subject": "Vote", "message": "Please.", "status": "sending"}
    finish_campaign(Campaign.objects.create(conference=hooked, requested_by=alice.user, **written).pk)
    assert events() == []


def test_every_event_has_a_page_and_a_sentence(conference):
    for name, kind in KINDS.items():
        event = WebhookEvent(kind=name, conference=conference, data={"campaign_id": 1})
        assert kind.page(event).startswith("/")
        assert kind.in_words(event)


def test_no_event_has_a_name_an_email_address_or_a_vote(hooked, alice, bob, organiser):
    make_membership(hooked, name="Carol")
    freeze_opened_rolls()
    make_vote(alice, bob)
    decision = close_and_decide(conference=hooked, candidate=bob, by=organiser, reason="Clear.")
    answer_decision(decision=decision, accept=True, by=Actor(bob.user))
    written = json.dumps(list(WebhookEvent.objects.values_list("data", flat=True)))
    for word in ("Alice", "Bob", "@", "Clear", "votes", "turnout", "tally"):
        assert word not in written
