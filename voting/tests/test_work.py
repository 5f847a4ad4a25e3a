"""When `manage.py work` begins the process that does what is due. test_background_work.py starts it."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from conferences.api_tokens.ending import remind_owners
from conferences.tests.factories import make_conference
from voting.campaigns.sending.dispatch import has_campaigns_to_dispatch
from voting.elections.roll.actions import freeze_opened_rolls
from voting.management.commands import work
from voting.management.commands.work import Turn, all_turns, is_something_due, take_turns
from voting.tests.campaigns import approve, make_campaign, make_members
from voting.timetable.sending import send_due_notices

pytestmark = pytest.mark.django_db
MINUTE = 60.0


class Asked:
    """A question with these answers, one after the other."""

    def __init__(self, *answers):
        self.answers, self.times = list(answers), 0

    def __call__(self):
        self.times += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_after_a_no_it_is_not_asked_again_for_a_while():
    asked = Asked(False, True)
    turn = Turn(MINUTE, [], asked)
    assert [turn.is_due(), turn.is_due()] == [False, False]
    assert asked.times == 1


def test_after_a_yes_it_is_asked_again_at_the_next_turn():
    asked = Asked(True, True, False)
    turn = Turn(MINUTE, [], asked)
    assert [turn.is_due() for _ in range(3)] == [True, True, False]


def test_what_is_done_at_intervals_needs_no_question():
    turn = Turn(MINUTE, [])
    assert [turn.is_due(), turn.is_due()] == [True, False]


def test_while_the_database_does_not_answer_nothing_is_due():
    assert not Turn(MINUTE, [], Asked(OperationalError())).is_due()


def test_a_question_that_fails_is_left_to_the_process_that_can_be_lost():
    assert Turn(MINUTE, [], Asked(ValueError())).is_due()


def test_turns_are_taken_until_nothing_is_due(monkeypatch):
    monkeypatch.setattr(work, "BETWEEN_TURNS", 0.0)
    done = []
    often = Turn(MINUTE, [lambda: done.append("often")], Asked(True, True, False))
    once = Turn(MINUTE, [lambda: done.append("once")])
    turns = [often, once]
    take_turns(turns, [turn for turn in turns if turn.is_due()])
    assert done == ["often", "once", "often"]


def test_each_step_of_a_turn_shows_that_it_goes_on(monkeypatch):
    """Else a turn of many steps, each of which may take long, would be killed as one that hangs."""
    monkeypatch.setattr(work, "BETWEEN_TURNS", 0.0)
    seen = []
    monkeypatch.setattr(work, "show_progress", lambda: seen.append("shown"))
    turn = Turn(MINUTE, [lambda: seen.append("first"), lambda: seen.append("second")])
    take_turns([turn], [each for each in [turn] if each.is_due()])
    assert seen == ["shown", "first", "shown", "second"]


# Connections are closed before each question, and with them a transaction.
@pytest.mark.django_db(transaction=True)
def test_nothing_is_due_on_a_site_without_votes_and_campaigns():
    make_conference()
    assert [turn for turn in all_turns() if turn.question and turn.is_due()] == []


def test_a_roll_to_freeze_is_due_until_it_is_frozen():
    make_conference(voting="open")
    send_due_notices()
    assert is_something_due()
    freeze_opened_rolls()
    assert not is_something_due()


def test_an_email_of_the_timetable_is_due_until_it_is_sent():
    make_conference(voting="open")
    freeze_opened_rolls()
    assert is_something_due()
    send_due_notices()
    assert not is_something_due()


def test_ballots_to_publish_are_due_until_they_are_published():
    conference = make_conference(voting="open")
    freeze_opened_rolls()
    send_due_notices()
    election = conference.election
    election.closes_at = timezone.now() - timedelta(seconds=1)
    election.save()
    assert type(election).objects.publication_is_due().exists()
    work.publish_closed_ballots()
    assert not type(election).objects.publication_is_due().exists()


def test_a_campaign_is_due_from_its_approval(organiser):
    members = make_members(make_conference(), 2)
    campaign = make_campaign(members[0])
    assert not has_campaigns_to_dispatch()
    approve(campaign, organiser)
    assert has_campaigns_to_dispatch()


def test_owners_of_tokens_that_expire_soon_are_looked_for_each_minute():
    assert [turn.seconds for turn in all_turns() if remind_owners in turn.steps] == [MINUTE]
