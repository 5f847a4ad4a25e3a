"""What one vote requires by its own rules, what it keeps, and ways around a second person."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import make_user
from conferences.consent.actions import confirm_request
from conferences.consent.acts import ACTS, ConsentNeeded
from conferences.models import Conference, ConsentRequest, RosterEntry
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import imported
from voting.elections import my_data
from voting.elections.exclusions import readmit_member
from voting.elections.models import WindowChange
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.actions import freeze_roll
from voting.elections.roll.models import RollChange
from voting.elections.rules.actions import set_rules
from voting.elections.rules.registry import rules_in_words
from voting.elections.window import close_early
from voting.tests.consent import REASON, make_case, make_team
from voting.tests.factories import make_vote
from voting.tests.rolls import freeze_roster

pytestmark = pytest.mark.django_db
RULES = {"results_visibility": "after_decision", "late_joiners": "may_vote", "ties": "any_member"}


# The window of a vote, whose own rules can require it as well


def test_window_is_changed_in_both_names_and_members_are_notified():
    _conference, case, [first, second] = make_case("move")
    confirm_request(asked=case.ask(first), by=Actor(second))
    change = WindowChange.objects.get()
    assert (change.by, change.agreed_by, change.reason) == (first, second, REASON)
    assert change.notice.subject


def test_confirmed_close_publishes_the_ballots():
    _conference, case, [first, second] = make_case("close")
    confirm_request(asked=case.ask(first), by=Actor(second))
    assert PublishedBallots.objects.exists()


def test_rule_of_one_vote_requires_it_without_a_series(conference, organiser, alice):
    update_elections(conference, window_needs_consent=True)
    with pytest.raises(ConsentNeeded):
        close_early(conference=conference, reason=REASON, by=Actor(organiser))


def test_rule_can_be_set_while_voting_is_open_and_not_lifted(conference, organiser):
    set_rules(conference=conference, by=Actor(organiser), window_needs_consent=True, **RULES)
    assert Conference.objects.get().election.window_needs_consent
    with pytest.raises(ValidationError, match="can only become stricter"):
        set_rules(conference=conference, by=Actor(organiser), **RULES)


def test_ballot_states_the_rule(conference):
    conference.election.window_needs_consent = True
    sentence = "Organisers can change the deadline or close voting early only if a second organiser agrees."
    assert sentence in rules_in_words(conference)
    conference.election.window_needs_consent = False
    assert sentence not in rules_in_words(conference)


# What was required when voting opened


def test_open_vote_keeps_what_was_required_when_it_opened():
    conference = make_conference(voting="open")
    first, _second = make_team(conference, *ACTS)
    freeze_roll(conference=conference)
    conference.series.needs_consent = []
    conference.series.save()
    with pytest.raises(ConsentNeeded):
        close_early(conference=conference, reason=REASON, by=Actor(first))


def test_moving_the_conference_to_another_series_does_not_lift_it():
    conference = make_conference(voting="open")
    first, _second = make_team(conference, *ACTS)
    freeze_roll(conference=conference)
    make_team(conference)
    with pytest.raises(ConsentNeeded):
        close_early(conference=conference, reason=REASON, by=Actor(first))


# Ways around it


def test_import_does_not_remove_voters_from_the_roll_without_a_second_person(conference, organiser):
    make_team(conference, "roll")
    freeze_roster(conference)
    for text in ("ben@example.org\n", "new@example.org\n"):
        with pytest.raises(ValidationError, match="second person has to confirm each removal"):
            imported(conference, text, by=Actor(organiser), removes_missing=True)
    assert set(RosterEntry.objects.present().values_list("email", flat=True)) == {
        "ben@example.org",
        "cleo@example.org",
    }
    imported(conference, "new@example.org\n", by=Actor(organiser))
    assert RosterEntry.objects.present().count() == 3


def test_readmitting_does_not_add_to_the_roll_without_a_second_person():
    conference = make_conference(voting="open")
    first, _second = make_team(conference, "roll")
    before = conference.election.opens_at - timedelta(hours=1)
    out = make_membership(conference, joined_at=before, excluded_at=before)
    freeze_roll(conference=conference)
    with pytest.raises(ValidationError, match="second person has to confirm who is added to it"):
        readmit_member(membership=out, by=Actor(first), reason=REASON)
    assert not RollChange.objects.exists()


def test_deleted_account_leaves_no_reason_for_its_exclusion():
    _conference, case, [first, _second] = make_case("exclude")
    request = case.ask(first, reason="Excluded Member shouted.")
    my_data.delete(User.objects.get(name="Excluded Member"))
    request.refresh_from_db()
    assert request.reason == ""


def test_waiting_exclusion_does_not_void_the_vote():
    conference, case, [first, _second] = make_case("exclude")
    member = conference.memberships.get(user__name="Excluded Member")
    vote = make_vote(member, make_membership(conference))
    case.ask(first)
    vote.refresh_from_db()
    assert vote.voided_at is None
    assert mail.outbox[-1].to != [member.user.email]


def test_no_stranger_is_told(stranger):
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    asked = ConsentRequest.objects
    assert [asked.waiting_for(person).count() for person in (first, second, stranger)] == [0, 1, 0]
    assert [asked.visible_to(person).count() for person in (first, second, stranger)] == [1, 1, 0]
    assert list(asked.waiting_for(make_user("x@example.org", is_staff=True, is_superuser=True))) == [request]
