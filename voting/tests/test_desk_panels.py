"""The pages of an election for organisers, in each of their states."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import Conference, Membership
from conferences.series.roles.models import Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.desk import panels
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Decision, Vote
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
TALLY = "/admin/voting/votes/{}/"


def tally_of(conference):
    return TALLY.format(conference.pk)


def change(conference, **columns):
    Election.objects.filter(pk=conference.pk).update(**columns)


def is_one_element(page, name):
    """Whether the page has only one element with this ID below its heading."""
    return page.attributes("#content > :not(h1, br)", "id") == [name]


# The decision


def nothing(conference, bob):
    pass


def bob_leads(conference, bob):
    make_vote(make_membership(conference), bob)


def bob_shares_the_lead(conference, bob):
    bob_leads(conference, bob)
    make_vote(bob, make_membership(conference))


def bob_is_chosen(conference, bob):
    by = make_organiser("first@example.org")
    close_and_decide(conference=conference, candidate=bob, by=by, reason="A good talk")


def bob_has_not_answered(conference, bob):
    bob_shares_the_lead(conference, bob)
    bob_is_chosen(conference, bob)
    Decision.objects.update(reply_by=timezone.now() - timedelta(minutes=1))


def bob_is_the_organiser(conference, bob):
    """The one whom `organiser` makes; Bob's membership is theirs now."""
    Membership.objects.filter(pk=bob.pk).update(user=User.objects.get(email="organiser@example.org"))


DECISIONS = [
    ("yourself", "You cannot choose yourself", bob_is_the_organiser),
    ("without_votes", "Bob has no votes.", nothing),
    ("placed", "Bob has 1 of 1 votes: rank 1.", bob_leads),
    ("tied", "Bob has 1 of 2 votes: rank 1. tie", bob_shares_the_lead),
    ("decided_already", "Bob has already been chosen.", bob_is_chosen),
]


@pytest.mark.parametrize(("state", "sentence", "arrange"), DECISIONS)
def test_page_of_the_decision(as_organiser, conference, bob, state, sentence, arrange):
    arrange(conference, bob)
    close_by_clock(conference)
    answer = as_organiser.get(f"{tally_of(conference)}decide/{bob.pk}/")
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert sentence in page.part("#decision").text
    assert is_one_element(page, "decision")
    assert page.has("#decision form") == (state not in ("decided_already", "yourself"))


TAKEN_BACK = [
    ("pending", "Withdraw the decision for Bob?", None),
    ("accepted", "Bob has accepted.", True),
    ("answered", "There is nothing to withdraw.", False),
]


@pytest.mark.parametrize(("state", "sentence", "accepts"), TAKEN_BACK)
def test_page_to_take_a_decision_back(as_organiser, conference, bob, state, sentence, accepts):
    bob_is_chosen(conference, bob)
    decision = Decision.objects.get()
    if accepts is not None:
        actions.answer_decision(decision=decision, accept=accepts, by=Actor(bob.user))
    answer = as_organiser.get(f"{tally_of(conference)}take-back/{decision.pk}/")
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert sentence in page.part("#take-back").text
    assert is_one_element(page, "take-back")


# Exclusion and what looks like fraud

EXCLUSIONS = [
    ("exclude", "", {}, "but not for whom"),
    ("exclude_live", "", {"organisers_see_tally": "live"}, "can tell whom Bob had voted for"),
    ("exclude_live", "", {"tally_was_live": True}, "can tell whom Bob had voted for"),
    ("readmit", "?again=1", {}, "Let Bob vote again?"),
]


@pytest.mark.parametrize(("state", "query", "columns", "sentence"), EXCLUSIONS)
def test_page_to_exclude_a_member(as_organiser, conference, bob, state, query, columns, sentence):
    change(conference, **columns)
    answer = as_organiser.get(f"{tally_of(conference)}exclude/{bob.pk}/{query}")
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert sentence in page.part("#exclusion").text
    assert is_one_element(page, "exclusion")


def two_with_one_mailbox(conference):
    for address in ("eve@gmail.com", "e.ve@gmail.com"):
        make_membership(conference, user=make_user(address))


def a_disposable_address(conference):
    make_membership(conference, user=make_user("eve@mailinator.com"))


def five_of_one_network(conference):
    for number in range(5):
        user = make_user(f"eve{number}@example.org", signup_network="192.0.2.0/24")
        make_membership(conference, user=user)


def many_at_once(conference):
    for number in range(1, 6):
        earlier = make_membership(conference)
        Membership.objects.filter(pk=earlier.pk).update(joined_at=timezone.now() - timedelta(days=number))
    for _ in range(30):
        make_membership(conference)


SIGNALS = [
    ("mailbox", "Several addresses of one mailbox", two_with_one_mailbox),
    ("disposable", "Disposable email addresses at mailinator.com", a_disposable_address),
    ("network", "Signed up from the network", five_of_one_network),
    ("burst", "Many joined within one hour", many_at_once),
]


@pytest.mark.parametrize(("state", "heading", "arrange"), SIGNALS)
def test_sign_of_fraud(as_organiser, conference, state, heading, arrange):
    arrange(conference)
    answer = as_organiser.get(f"{tally_of(conference)}fraud/")
    assert [panel.state for panel in answer.context["signals"]] == [state]
    assert heading in parse(answer).part("section.desk-panel h3").text


# The voting times

CLOSINGS = [
    ("close", "close", {}, "Close voting now"),
    ("close_and_decide", "close-and-decide", {}, "Close voting and decide"),
    ("ask_second_organiser", "close", {"window_needs_consent": True}, "Ask a second person"),
    ("ask_second_organiser", "close-and-decide", {"window_needs_consent": True}, "Ask a second person"),
    ("not_open", "close", {"opens_at": timezone.now() + timedelta(hours=1)}, None),
]


@pytest.mark.parametrize(("state", "path", "columns", "button"), CLOSINGS)
def test_page_to_close_voting(as_organiser, conference, state, path, columns, button):
    change(conference, **columns)
    answer = as_organiser.get(f"{tally_of(conference)}{path}/")
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert page.attributes("#close input[type=submit]", "value") == ([button] if button else [])
    assert page.has("#close h2") == (state != "not_open")
    assert is_one_element(page, "close")


HOURS = [
    ("earlier", 2, "Move the deadline?", "Move the deadline"),
    ("later", 48, "Move the deadline?", "Move the deadline"),
]


def entered(conference, hours):
    closes = conference.election.closes_at
    new = timezone.now() + timedelta(hours=hours)
    return {
        "seen": closes.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        "closes_at": new.astimezone(conference.zone).strftime("%Y-%m-%dT%H:%M"),
        "reason": "The hall is booked.",
    }


@pytest.mark.parametrize(("state", "hours", "question", "button"), HOURS)
@pytest.mark.parametrize("needs_consent", [False, True])
def test_page_to_confirm_a_new_deadline(
    as_organiser, conference, state, hours, question, button, needs_consent
):
    change(conference, window_needs_consent=needs_consent)
    answer = as_organiser.post(f"{tally_of(conference)}move-deadline/", entered(conference, hours))
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert page.texts("#move h2") == [question]
    expected = "Ask a second person" if needs_consent else button
    assert page.attributes("#move input[type=submit]", "value") == [expected]
    assert is_one_element(page, "move")


MOVES = [("enter", {}), ("not_open", {"opens_at": timezone.now() + timedelta(hours=1)})]


@pytest.mark.parametrize(("state", "columns"), MOVES)
def test_page_to_enter_a_new_deadline(as_organiser, conference, state, columns):
    change(conference, **columns)
    answer = as_organiser.get(f"{tally_of(conference)}move-deadline/")
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert page.has("#move form") == (state == "enter")
    assert is_one_element(page, "move")


# The count

LIVE = {"organisers_see_tally": "live"}


@pytest.mark.parametrize(("columns", "state"), [({}, "secret"), (LIVE, "counted")])
def test_count_on_the_page_of_the_result(as_organiser, conference, columns, state):
    change(conference, **columns)
    answer = as_organiser.get(f"{tally_of(conference)}result/")
    assert answer.context["result"].state == state
    assert parse(answer).number_of("#live > #count") == 1


def pitch_of_bob(conference, bob):
    make_pitch(bob, headline="Bread")


LISTS = [
    ("standings", "", bob_leads),
    ("no_standings", "", nothing),
    ("no_standings_found", "?q=unknown", bob_leads),
    ("candidates", "", pitch_of_bob),
    ("no_candidates", "", nothing),
    ("no_candidates_found", "?q=unknown", pitch_of_bob),
]


@pytest.mark.parametrize(("state", "query", "arrange"), LISTS)
def test_list_of_people(as_organiser, conference, bob, state, query, arrange):
    change(conference, **LIVE)
    arrange(conference, bob)
    name = "result" if "standings" in state else "candidates"
    answer = as_organiser.get(f"{tally_of(conference)}{name}/{query}")
    found = answer.context["result"].facts["list"] if name == "result" else answer.context["list"]
    assert found.state == state
    assert parse(answer).has("#list table") == (state in ("standings", "candidates"))


def bob_is_decided(conference, bob):
    bob_shares_the_lead(conference, bob)
    bob_is_chosen(conference, bob)


def tie_is_closed(conference, bob):
    bob_shares_the_lead(conference, bob)
    close_by_clock(conference)


def tie_under_strict_rules(conference, bob):
    tie_is_closed(conference, bob)
    change(conference, ties="tied_only")


def refuse(conference, candidate):
    by = make_organiser(f"decides-{candidate.pk}@example.org")
    decision = close_and_decide(conference=conference, candidate=candidate, by=by, reason="A good talk")
    actions.answer_decision(decision=decision, accept=False, by=Actor(candidate.user))


def one_of_two_declined(conference, bob):
    bob_shares_the_lead(conference, bob)
    refuse(conference, bob)


def one_of_two_declined_under_strict_rules(conference, bob):
    one_of_two_declined(conference, bob)
    change(conference, ties="tied_only")


def both_declined(conference, bob):
    one_of_two_declined(conference, bob)
    other = Vote.objects.exclude(candidate=bob).get().candidate
    refuse(conference, other)


def cancelled_before(conference, bob):
    Conference.objects.update(status="cancelled", stopped_at=timezone.now())


UNSCHEDULED = {"opens_at": None, "closes_at": None}


def was_draft(conference, _bob):
    Conference.objects.update(status="draft")


CHOICES = [
    ("from_standings", {"closes_at": timezone.now()}, nothing),
    ("from_candidates", UNSCHEDULED, pitch_of_bob),
    ("open", {}, nothing),
    ("scheduled", {"opens_at": timezone.now() + timedelta(hours=1)}, nothing),
    ("decided", LIVE, bob_is_decided),
    ("unanswered", LIVE, bob_has_not_answered),
    ("cancelled", {}, cancelled_before),
    ("of_draft", {}, was_draft),
]


@pytest.mark.parametrize(("state", "columns", "arrange"), CHOICES)
def test_page_of_the_decision_says_who_can_be_chosen_or_why_no_one(
    as_organiser, conference, bob, state, columns, arrange
):
    change(conference, **columns)
    arrange(conference, bob)
    answer = as_organiser.get(f"{tally_of(conference)}decision/")
    assert answer.context["choice"].state == state
    assert is_one_element(parse(answer), "choice")


def test_page_of_the_decision_tells_those_who_may_not_choose_that_others_do(client, conference):
    change(conference, closes_at=timezone.now())
    log_in_freshly(client, make_team_member(conference, Role.OBSERVER).person)
    answer = client.get(f"{tally_of(conference)}decision/")
    assert answer.context["choice"].state == "of_others"
    assert not [link for link in parse(answer).links if link.startswith("/admin/") and "/decide/" in link]


LEADS = [
    (None, "", bob_leads),
    ("tie_at_present", "There is currently a tie.", bob_shares_the_lead),
    ("tie_to_decide", "2 members are tied for the lead.", tie_is_closed),
    ("tie_to_decide_among_them", "you choose one of them and give a reason.", tie_under_strict_rules),
    ("one_is_left", "is the only one left. You choose them, or another member", one_of_two_declined),
    ("one_is_left", "Under the rules of this vote, you choose them", one_of_two_declined_under_strict_rules),
    (None, "", both_declined),
    (None, "", bob_is_decided),
]


@pytest.mark.parametrize(("state", "sentence", "arrange"), LEADS)
def test_note_of_a_tie(as_organiser, conference, bob, state, sentence, arrange):
    change(conference, **LIVE)
    arrange(conference, bob)
    answer = as_organiser.get(f"{tally_of(conference)}result/")
    note, page = answer.context["result"].facts["lead"], parse(answer)
    assert (note.state if note else None) == state
    assert sentence in " ".join(page.texts("#lead"))
    assert page.number_of("#lead") == (1 if state else 0)


DEPARTURES = [
    ("secret", {}, "for candidates whose pitch was hidden, stay in these figures"),
    ("after_live", {"tally_was_live": True}, "for candidates whose pitch was hidden, stay in these figures"),
    (None, {"opens_at": timezone.now() + timedelta(hours=1)}, ""),
]


@pytest.mark.parametrize(("state", "columns", "words"), DEPARTURES)
def test_note_of_votes_of_members_who_left(as_organiser, conference, state, columns, words):
    change(conference, **columns)
    answer = as_organiser.get(f"{tally_of(conference)}turnout/")
    note = answer.context["note"]
    assert (note.state if note else None) == state
    assert words in " ".join(parse(answer).texts("#departures"))


def five_have_voted(conference, bob):
    for _ in range(5):
        make_vote(make_membership(conference), bob)


def five_more_voted_earlier(conference, bob):
    five_have_voted(conference, bob)
    Vote.objects.update(cast_at=timezone.now() - timedelta(hours=3))
    five_have_voted(conference, bob)


TIMELINES = [
    (None, {"opens_at": timezone.now() + timedelta(hours=1)}, nothing),
    ("too_few", {}, bob_leads),
    ("one_step", {}, five_have_voted),
    ("curve", {}, five_more_voted_earlier),
    ("curve", LIVE, five_more_voted_earlier),
    ("too_few", LIVE, bob_leads),
]


@pytest.mark.parametrize(("state", "columns", "arrange"), TIMELINES)
def test_votes_over_time(as_organiser, conference, bob, state, columns, arrange):
    arrange(conference, bob)
    change(conference, **columns)
    answer = as_organiser.get(f"{tally_of(conference)}turnout/")
    timeline, page = answer.context["timeline"], parse(answer)
    assert (timeline.state if timeline else None) == state
    assert page.number_of("#timeline") == (1 if state else 0)
    assert page.has("#timeline svg") == (state == "curve")


def test_every_state_has_a_row_and_a_template():
    states = {
        panels.DECISION_PANEL: DECISIONS,
        panels.TAKE_BACK_PANEL: TAKEN_BACK,
        panels.EXCLUSION_PANEL: EXCLUSIONS,
        panels.SIGNAL_PANEL: SIGNALS,
        panels.CLOSE_PANEL: CLOSINGS,
        panels.MOVE_PANEL: [*MOVES, *HOURS],
        panels.RESULT_PANEL: [("secret",), ("counted",), ("counting",)],
        panels.CHOICE_PANEL: [*CHOICES, ("of_others",)],
        panels.LIST_PANEL: LISTS,
        panels.LEAD_NOTE: LEADS,
        panels.DEPARTURES_NOTE: DEPARTURES,
        panels.TIMELINE_PANEL: [*TIMELINES, ("counting",)],
    }
    for folder, rows in states.items():
        assert states_of(folder) == {row[0] for row in rows if row[0]}, folder
