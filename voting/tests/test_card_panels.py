"""A conference in the list and on "My page", in each of its states."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import Membership
from conferences.panels import MEMBERSHIP_BADGE, NONE_FOUND
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.home.panels import MY_CONFERENCE
from voting.tests.factories import close_and_decide, close_by_clock, make_vote


def nothing(alice, organiser):
    pass


def vote_is_cast(alice, organiser):
    make_vote(alice, make_membership(alice.conference))


def voter_is_excluded(alice, organiser):
    Membership.objects.filter(pk=alice.pk).update(excluded_at=timezone.now(), exclusion_reason="A fake")


def voting_closed(alice, organiser):
    close_by_clock(alice.conference)


def speaker_accepted(alice, organiser):
    make_vote(make_membership(alice.conference), alice)
    decision = close_and_decide(conference=alice.conference, candidate=alice, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(alice.user))


MEMBERSHIPS = [
    ("waiting", "Your vote is waiting", nothing),
    ("voted", "Your vote is in", vote_is_cast),
    ("member", "You are a member", voter_is_excluded),
    ("member", "You are a member", voting_closed),
]


@pytest.mark.parametrize(("state", "badge", "arrange"), MEMBERSHIPS)
def test_card_of_a_joined_conference(as_alice, alice, organiser, state, badge, arrange):
    arrange(alice, organiser)
    answer = as_alice.get("/")
    [card] = answer.context["cards"]
    assert f"{MEMBERSHIP_BADGE}/{state}.html" in [shown.template for shown in card.badges]
    assert parse(answer).texts(".conference-card .badge-cb")[1:] == [badge]


def test_open_vote_is_highlighted_unless_it_is_settled(as_alice, alice):
    assert parse(as_alice.get("/")).has(".conference-card.is-open")
    vote_is_cast(alice, None)
    assert not parse(as_alice.get("/")).has(".conference-card.is-open")


MINE = [
    ("vote_waiting", ["Vote now"], nothing),
    ("voted", ["Change my vote"], vote_is_cast),
    ("cannot_vote", ["Open the ballot"], voter_is_excluded),
    ("not_open", [], voting_closed),
    ("decided", ["See the result"], speaker_accepted),
]


@pytest.mark.parametrize(("state", "buttons", "arrange"), MINE)
def test_conference_on_my_page(as_alice, alice, organiser, state, buttons, arrange):
    arrange(alice, organiser)
    answer = as_alice.get("/me/")
    assert [panel.state for panel in answer.context["mine"]] == [state]
    assert parse(answer).part(".conference-card").texts("a.btn") == buttons


EMPTY_LISTS = [
    ("search", "/?q=unknown", "Nothing found"),
    ("mine", "/?show=mine", "You have not joined a conference yet"),
    ("past", "/?show=past", "No past conferences"),
    ("upcoming", "/", "No upcoming conferences"),
]


@pytest.mark.parametrize(("state", "path", "heading"), EMPTY_LISTS)
def test_empty_list_of_conferences(as_stranger, state, path, heading):
    answer = as_stranger.get(path)
    assert answer.context["none_found"].state == state
    assert parse(answer).texts("#found h2") == [heading]


def test_every_state_has_a_row_and_a_template():
    assert states_of(MEMBERSHIP_BADGE) == {state for state, *_ in MEMBERSHIPS}
    assert states_of(MY_CONFERENCE) == {state for state, *_ in MINE}
    assert states_of(NONE_FOUND) == {state for state, *_ in EMPTY_LISTS}
