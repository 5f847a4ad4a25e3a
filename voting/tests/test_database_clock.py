"""The database's clock decides what is open, whatever the clock of a web server says."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.clock import database_now
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.actions import join_conference
from conferences.date_rules import FARTHEST_START
from conferences.importing.actions import plan_import
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.rules import refusal_to_announce, refusal_to_ask, refusal_to_send
from voting.desk.conference_forms import ConferenceAndElectionForm
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Vote
from voting.elections.receipts.actions import publish_ballots, publish_closed_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.tests.campaigns import dispatch_due, make_campaign
from voting.tests.factories import close_and_decide, make_vote

AHEAD, BEHIND = timedelta(hours=30), timedelta(hours=-30)
DIRECTIONS = pytest.mark.parametrize("skew", [AHEAD, BEHIND], ids=["ahead", "behind"])


@pytest.fixture
def web_clock(monkeypatch):
    """Sets the clock of the web server wrong by this much; the database keeps its own."""
    right = timezone.now

    def set_wrong(by):
        monkeypatch.setattr(timezone, "now", lambda: right() + by)

    return set_wrong


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)


def member_of(**columns):
    return make_membership(make_conference(**columns))


@DIRECTIONS
def test_helper_tells_the_databases_time(db, web_clock, skew):
    before = timezone.now()
    web_clock(skew)
    assert abs(database_now() - before) < timedelta(seconds=5)


def test_ballots_are_not_published_early_by_a_fast_web_clock(conference, alice, bob, web_clock):
    cast(alice, bob)
    web_clock(AHEAD)
    assert publish_closed_ballots() == []
    with pytest.raises(ValidationError, match="after voting has closed"):
        publish_ballots(conference=conference)


def test_ballots_are_published_in_time_by_a_slow_web_clock(db, web_clock):
    conference = make_conference(voting="closed")
    web_clock(BEHIND)
    assert [published.election for published in publish_closed_ballots()] == [conference.election]


@DIRECTIONS
def test_closing_stores_the_databases_time_and_ends_voting_at_once(conference, alice, bob, web_clock, skew):
    web_clock(skew)
    assert actions.close_voting(conference=conference) is Change.MADE
    conference.refresh_from_db()
    assert abs(conference.election.closes_at - database_now()) < timedelta(seconds=5)
    with pytest.raises(ValidationError, match="Voting closed on"):
        cast(alice, bob)
    assert PublishedBallots.objects.get().result["participants"] == 0 == Vote.objects.count()


@DIRECTIONS
def test_vote_after_publication_is_refused_even_if_the_window_is_open(
    conference, alice, bob, carol, skew, web_clock
):
    cast(alice, bob)
    actions.close_voting(conference=conference)
    Election.objects.update(closes_at=timezone.now() + timedelta(hours=1))
    web_clock(skew)
    for voter, candidate in ((alice, carol), (carol, bob)):
        with pytest.raises(ValidationError):
            cast(voter, candidate)
    assert list(Vote.objects.values_list("voter", "candidate")) == [(alice.pk, bob.pk)]


def test_withdrawal_after_publication_is_refused_even_if_the_window_is_open(conference, alice, bob):
    cast(alice, bob)
    actions.close_voting(conference=conference)
    Election.objects.update(closes_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(ValidationError, match="the count is final"):
        actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user))
    assert Vote.objects.exists()


def test_withdrawal_after_the_close_is_refused_by_a_slow_web_clock(conference, alice, bob, web_clock):
    cast(alice, bob)
    Election.objects.update(closes_at=timezone.now())
    web_clock(BEHIND)
    with pytest.raises(ValidationError, match="Voting closed on"):
        actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user))


def test_withdrawal_before_the_close_is_taken_by_a_fast_web_clock(conference, alice, bob, web_clock):
    cast(alice, bob)
    web_clock(AHEAD)
    assert actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user)) is Change.MADE


def test_voting_that_is_over_is_not_closed_again_by_a_slow_web_clock(db, web_clock):
    conference = make_conference(voting="closed")
    web_clock(BEHIND)
    assert actions.close_voting(conference=conference) is Change.NONE


@DIRECTIONS
def test_deciding_is_dated_by_the_database_and_ends_voting(
    conference, alice, bob, organiser, web_clock, skew
):
    cast(alice, bob)
    web_clock(skew)
    close_and_decide(conference=conference, candidate=bob, by=organiser)
    conference.refresh_from_db()
    now = database_now()
    for when in (
        Decision.objects.get().decided_at,
        conference.election.decided_at,
        conference.election.closes_at,
    ):
        assert abs(when - now) < timedelta(seconds=5)


def test_deciding_before_the_opening_is_refused_by_a_fast_web_clock(db, organiser, web_clock):
    member = member_of(voting="scheduled")
    web_clock(timedelta(hours=100))
    with pytest.raises(ValidationError, match="Voting has not opened yet"):
        actions.decide_speaker(
            conference=member.conference, candidate=member, by=Actor(organiser), reason="So"
        )


def test_exclusion_after_the_close_is_refused_by_a_slow_web_clock(db, web_clock):
    member = member_of(voting="closed")
    web_clock(BEHIND)
    with pytest.raises(ValidationError, match="the count is final"):
        exclude_member(membership=member, by=Actor.of_command(), reason="Twice")


def test_leaving_after_the_close_keeps_the_vote_under_a_slow_web_clock(db, web_clock):
    member = member_of(voting="closed")
    make_vote(member, make_membership(member.conference))
    web_clock(timedelta(hours=-36))
    actions.leave_conference(membership=member, by=Actor(member.user))
    assert Vote.objects.exists()


def test_a_member_who_joins_late_is_late_under_a_slow_web_clock(stranger, web_clock):
    conference = make_conference(voting="open", late_joiners="may_not_vote")
    candidate = make_membership(conference, joined_at=conference.election.opens_at)
    web_clock(timedelta(hours=-2))
    voter = join_conference(conference=conference, by=Actor(stranger))
    with pytest.raises(ValidationError):
        cast(voter, candidate)


@DIRECTIONS
def test_page_of_the_conference_shows_the_databases_state(client, conference, web_clock, skew):
    web_clock(skew)
    assert "Voting is open" in parse(client.get("/conferences/open-conf/")).text


@pytest.mark.parametrize(("skew", "hours"), [(AHEAD, 20), (BEHIND, -20)], ids=["ahead", "behind"])
def test_admin_form_knows_the_past_by_the_database(db, web_clock, skew, hours):
    """With the web clock wrong by more than these hours, this time's past and future are swapped."""
    conference = make_conference(voting="scheduled")
    times = {name: getattr(conference, name) for name in ("starts_at", "ends_at")}
    times |= {"voting_opens_at": timezone.now() + timedelta(hours=min(hours - 1, 1))}
    times |= {"voting_closes_at": timezone.now() + timedelta(hours=hours)}
    typed = QueryDict(mutable=True)
    typed.update({name: f"{when:%Y-%m-%dT%H:%M}" for name, when in times.items()} | {"time_zone": "UTC"})
    typed["version"] = ConferenceAndElectionForm(instance=conference).initial["version"]
    web_clock(skew)
    form = ConferenceAndElectionForm(typed, instance=conference)
    assert ("voting_closes_at" in form.errors) is (hours < 0), form.errors


@pytest.mark.parametrize(("voting", "skew", "waits"), [("closed", BEHIND, 1), ("open", AHEAD, 0)])
def test_votes_wait_for_a_decision_by_the_databases_clock(db, web_clock, voting, skew, waits):
    make_conference(voting=voting)
    web_clock(skew)
    assert Election.objects.undecided().count() == waits


@DIRECTIONS
@pytest.mark.parametrize("state", ["open", "closed", "scheduled"])
def test_desk_lists_votes_by_the_databases_state(as_organiser, web_clock, skew, state):
    for voting in ("open", "closed", "scheduled"):
        make_conference(voting=voting, title=f"Vote {voting}")
    web_clock(skew * 2)
    shown = as_organiser.get(f"/admin/voting/votes/?voting={state}").context["cl"].result_list
    assert [str(row) for row in shown] == [f"Vote {state}"]


@DIRECTIONS
@pytest.mark.parametrize("path", ["/", "/me/"])
def test_lists_show_the_databases_state(as_alice, conference, web_clock, skew, path):
    web_clock(skew)
    shown = as_alice.get(path)
    found = (
        shown.context["page"].object_list
        if path == "/"
        else [panel.facts["conference"] for panel in shown.context["mine"]]
    )
    assert [each.election.state() for each in found] == ["open"]


def test_conference_that_is_over_is_past_under_a_slow_web_clock(client, db, web_clock):
    make_conference(starts_in_days=-2)
    web_clock(BEHIND * 3)
    assert not client.get("/").context["page"].object_list
    assert client.get("/?show=past").context["page"].object_list


@pytest.mark.parametrize(("voting", "skew", "is_refused"), [("closed", BEHIND, True), ("open", AHEAD, False)])
def test_campaigns_are_asked_for_by_the_databases_clock(db, web_clock, voting, skew, is_refused):
    member = member_of(voting=voting)
    EmailAddress.objects.get_or_create(user=member.user, email=member.user.email, verified=True)
    member = Membership.objects.select_related("conference").get(pk=member.pk)
    web_clock(skew)
    assert ("Voting is over" in refusal_to_ask(member)) is is_refused
    assert ("Voting is over" in refusal_to_announce(member.conference, "reminder")) is is_refused


@pytest.mark.parametrize(("voting", "skew", "is_refused"), [("closed", BEHIND, True), ("open", AHEAD, False)])
def test_campaigns_are_sent_by_the_databases_clock(db, web_clock, voting, skew, is_refused):
    campaign = make_campaign(member_of(voting=voting))
    web_clock(skew)
    assert bool(refusal_to_send(campaign)) is is_refused


@pytest.mark.parametrize(("skew", "minutes", "is_begun"), [(AHEAD, 60, False), (BEHIND, -1, True)])
def test_campaigns_begin_by_the_databases_clock(db, web_clock, skew, minutes, is_begun):
    member = member_of(voting="open")
    campaign = make_campaign(member, status="approved", send_at=database_now() + timedelta(minutes=minutes))
    web_clock(skew)
    dispatch_due()
    campaign.refresh_from_db()
    assert (campaign.status != "approved") is is_begun


@pytest.mark.parametrize(("skew", "days", "is_refused"), [(AHEAD, 1, True), (BEHIND, -1, False)])
def test_import_knows_how_far_ahead_a_day_is_by_the_databases_clock(db, web_clock, skew, days, is_refused):
    day = f"{database_now() + FARTHEST_START + timedelta(days=10 * days):%Y-%m-%d}"
    row = {"name": "A", "url": "https://a.example.org", "startDate": day, "endDate": day, "online": True}
    web_clock(skew * 24)
    plan = plan_import(content=json.dumps([row]).encode(), name="x.json")
    assert bool(plan.bad) is is_refused, plan.bad
