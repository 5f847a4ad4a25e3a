"""The panels of a conference's page in each of their states."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.admission.options import JoinOptions
from conferences.models import Conference
from conferences.panels import MEMBERS_NOTE, MEMBERSHIP_PANEL, VOTING_BADGE, membership_panel, voting_badge
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.elections import actions
from voting.elections.panels.conference import (
    CONDITIONS_PANEL,
    VOTING_PANEL,
    WINDOW_NOTE,
    conditions_panel,
    voting_panel,
)
from voting.elections.participation import participation_of
from voting.tests.factories import close_and_decide, close_by_clock, make_vote

LATECOMERS_MAY_NOT = {"late_joiners": "may_not_vote"}


def deactivate(conference):
    Conference.objects.filter(pk=conference.pk).update(status="inactive")


def schedule(conference):
    now = timezone.now()
    update_elections(conference, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))


def end_conference(conference):
    now = timezone.now()
    ends = {"starts_at": now - timedelta(days=2), "ends_at": now - timedelta(days=1)}
    Conference.objects.filter(pk=conference.pk).update(**ends)


def voter(conference, organiser):
    member = make_membership(conference)
    make_vote(member, make_membership(conference))
    return member


def member(conference, organiser):
    return make_membership(conference)


def voter_after_voting(conference, organiser):
    found = voter(conference, organiser)
    close_by_clock(conference)
    return found


def latecomer(conference, organiser):
    update_elections(conference, **LATECOMERS_MAY_NOT)
    return make_membership(conference)


def visitor(conference, organiser):
    return None


def late_visitor(conference, organiser):
    update_elections(conference, **LATECOMERS_MAY_NOT)


def visitor_of_a_roster(conference, organiser):
    update_elections(conference, who_votes="roster")


def chosen_member(conference, organiser):
    chosen = make_membership(conference)
    make_vote(make_membership(conference), chosen)
    close_and_decide(conference=conference, candidate=chosen, by=organiser)
    return chosen


def member_who_knows_the_speaker(conference, organiser):
    chosen = make_membership(conference)
    make_vote(make_membership(conference), chosen)
    decision = close_and_decide(conference=conference, candidate=chosen, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(chosen.user))
    return make_membership(conference)


def cancel(conference):
    columns = {"status": "cancelled", "stopped_at": timezone.now(), "stop_reason": "A storm."}
    Conference.objects.filter(pk=conference.pk).update(**columns)


def member_of_a_cancelled_conference(conference, organiser):
    cancel(conference)
    return make_membership(conference)


def visitor_of_a_cancelled_conference(conference, organiser):
    cancel(conference)


def member_of_an_inactive_conference(conference, organiser):
    deactivate(conference)
    return make_membership(conference)


def member_before_voting(conference, organiser):
    schedule(conference)
    return make_membership(conference)


def visitor_before_voting(conference, organiser):
    schedule(conference)


def visitor_who_must_join_before(conference, organiser):
    update_elections(conference, **LATECOMERS_MAY_NOT)
    schedule(conference)


def member_after_voting(conference, organiser):
    close_by_clock(conference)
    return make_membership(conference)


def visitor_after_voting(conference, organiser):
    close_by_clock(conference)


def member_without_a_schedule(conference, organiser):
    update_elections(conference, opens_at=None, closes_at=None)
    return make_membership(conference)


def visitor_of_a_past_conference(conference, organiser):
    end_conference(conference)


VOTING = [
    ("can_vote", "Voting is open", member),
    ("voted", "Your vote is in", voter),
    ("cannot_vote", "Voting is open", latecomer),
    ("can_join", "Voting is open", visitor),
    ("too_late_to_join", "Voting is open", late_visitor),
    ("chosen", "You have been chosen! Will you speak?", chosen_member),
    ("decided", "The speaker has been chosen", member_who_knows_the_speaker),
    ("inactive", "There is no vote at the moment", member_of_an_inactive_conference),
    ("cancelled", "There is no vote", member_of_a_cancelled_conference),
    ("scheduled", "Voting opens soon", visitor_before_voting),
    ("scheduled_for_member", "Voting opens soon", member_before_voting),
    ("scheduled_for_early_joiners", "Voting opens soon", visitor_who_must_join_before),
    ("closed", "Voting is closed", member_after_voting),
    ("unscheduled", "No vote yet", member_without_a_schedule),
]
CONDITIONS = [
    ("can_vote", "You can vote", member),
    ("can_change_vote", "You can change your vote", voter),
    ("cannot_vote", "Why can’t I vote?", latecomer),
    ("cannot_vote", "Why can’t I vote?", visitor),
    ("cannot_vote", "Why can’t I vote?", member_after_voting),
    ("has_voted", "Your vote", voter_after_voting),
]
MEMBERSHIP = [
    ("member", "You are a member", member),
    ("member_after_voting", "You are a member", member_after_voting),
    ("member_of_inactive", "You are a member", member_of_an_inactive_conference),
    ("can_join", "Take part", visitor),
    ("over", "Not open to new members", visitor_of_a_past_conference),
    ("cancelled", "Not open to new members", visitor_of_a_cancelled_conference),
]


@pytest.fixture
def open_page(client, conference, organiser, stranger):
    """Opens the page as the arranged member or visitor; returns their participation and the page."""

    def open_it(arrange):
        membership = arrange(conference, organiser)
        person = membership.user if membership else stranger
        client.force_login(person)
        now = Conference.objects.as_of_now().get(pk=conference.pk)
        mine = participation_of(person=person, conference=now, membership=membership)
        return mine, client.get("/conferences/open-conf/")

    return open_it


@pytest.mark.parametrize(("state", "heading", "arrange"), VOTING)
def test_voting_panel(open_page, state, heading, arrange):
    mine, answer = open_page(arrange)
    assert voting_panel(mine).state == state
    assert parse(answer).texts("section#voting h2") == [heading]


SCHEDULED = [
    ([], visitor_before_voting),
    (["Open the ballot"], member_before_voting),
    (["Only members who join before it opens can vote."], visitor_who_must_join_before),
]


@pytest.mark.parametrize(("words", "arrange"), SCHEDULED)
def test_what_a_reader_can_do_before_voting_opens(open_page, words, arrange):
    _mine, answer = open_page(arrange)
    assert parse(answer).texts("section#voting a, section#voting p + p") == words


@pytest.mark.parametrize(("state", "heading", "arrange"), CONDITIONS)
def test_panel_of_conditions(open_page, state, heading, arrange):
    mine, answer = open_page(arrange)
    assert conditions_panel(mine, JoinOptions(mine.person, mine.conference)).state == state
    assert parse(answer).texts("section#conditions h2") == [heading]


@pytest.mark.parametrize(("state", "heading", "arrange"), MEMBERSHIP)
def test_panel_of_the_membership(open_page, state, heading, arrange):
    _mine, answer = open_page(arrange)
    assert answer.context["taking_part"].state == state
    assert parse(answer).texts("section#membership h2") == [heading]


def test_person_who_is_not_logged_in_is_asked_to_sign_up_and_sees_no_conditions(client, conference):
    answer = client.get("/conferences/open-conf/")
    assert answer.context["taking_part"].state == "can_sign_up"
    assert not parse(answer).has("#conditions")


def test_inactive_conference_cannot_be_joined(conference, stranger):
    conference.status = "inactive"
    facts = {"is_too_late": False, "was_tally_live": False}
    assert membership_panel(JoinOptions(stranger, conference), None, facts).state == "not_joinable"


JOINERS = [
    ("can_vote", "Members vote for the speaker and can stand as candidates.", visitor),
    ("too_late", "Members can still stand as candidates and see the result.", late_visitor),
    ("roster_votes", "Members who are on the organisers’ list of participants can vote", visitor_of_a_roster),
    ("after_voting", "Voting is over. Members see the result.", visitor_after_voting),
]


@pytest.mark.parametrize(("state", "words", "arrange"), JOINERS)
def test_conference_says_what_who_joins_can_do(open_page, state, words, arrange):
    _mine, answer = open_page(arrange)
    assert answer.context["taking_part"].facts["members_note"].state == state
    assert words in parse(answer).part("section#membership").text


@pytest.mark.parametrize("state", ["unscheduled", "scheduled", "open", "closed"])
def test_voting_badge(db, state):
    assert voting_badge(make_conference(voting=None if state == "unscheduled" else state)).state == state


def test_badge_of_a_decided_vote(conference, organiser):
    member_who_knows_the_speaker(conference, organiser)
    conference.refresh_from_db()
    assert voting_badge(conference).state == "decided"


def test_every_state_has_a_row_and_a_template():
    assert states_of(VOTING_PANEL) == {state for state, *_ in VOTING}
    # Each is in test_window.py.
    assert states_of(WINDOW_NOTE) == {"moved", "closed", "past"}
    assert states_of(CONDITIONS_PANEL) == {state for state, *_ in CONDITIONS}
    assert states_of(MEMBERSHIP_PANEL) == {state for state, *_ in MEMBERSHIP} | {
        "can_sign_up",
        "needs_way",
        "not_joinable",
    }
    assert states_of(MEMBERS_NOTE) == {state for state, *_ in JOINERS}
    assert states_of(VOTING_BADGE) == {"unscheduled", "scheduled", "open", "closed", "decided", "cancelled"}
