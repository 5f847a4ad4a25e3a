import os
import re
import subprocess
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from voting.elections import actions
from voting.elections.answers import answer_decision, step_down
from voting.elections.models import Vote
from voting.elections.receipts.actions import unlink_overdue_voters, unlink_voters
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.tracker import tracker_of
from voting.elections.tally import tally_of
from voting.tests.factories import close_and_decide, decide_and_accept


def vote_and_close(conference, *pairs):
    for voter, candidate in pairs:
        actions.cast_vote(by=Actor(voter.user), slug=conference.slug, candidate_id=candidate.pk)
    actions.close_voting(conference=conference)


@pytest.fixture
def closed(conference, alice, bob, carol):
    vote_and_close(conference, (alice, bob), (bob, carol), (carol, bob))
    return conference


def end_dispute_window():
    published = PublishedBallots.objects.get()
    PublishedBallots.objects.update(published_at=published.published_at - timedelta(days=15))


def test_unlinking_before_publication_is_refused(conference, alice):
    with pytest.raises(ValidationError, match="not published yet"):
        unlink_voters(conference=conference, by=Actor.of_command())


def test_unlinking_within_the_dispute_window_is_refused(closed):
    with pytest.raises(CommandError, match="The dispute window is open until"):
        call_command("unlink_voters", "open-conf")
    assert Vote.objects.count() == 3


def test_unlinking_removes_the_votes_and_keeps_the_tally(closed):
    end_dispute_window()
    before = [(s.candidate.pk, s.votes, s.rank) for s in tally_of(closed).standings]
    assert unlink_voters(conference=closed, by=Actor.of_command()) == 3
    assert Vote.objects.count() == 0
    assert [(s.candidate.pk, s.votes, s.rank) for s in tally_of(closed).standings] == before


def test_unlinking_twice_changes_nothing(closed):
    end_dispute_window()
    unlink_voters(conference=closed, by=Actor.of_command())
    first = PublishedBallots.objects.get().unlinked_at
    assert unlink_voters(conference=closed, by=Actor.of_command()) == 0
    assert PublishedBallots.objects.get().unlinked_at == first


def test_recount_agrees_after_unlinking(closed, capsys):
    call_command("unlink_voters", "open-conf", early=True)
    call_command("recount", "open-conf")
    assert "agrees with everything published" in capsys.readouterr().out


def test_work_unlinks_once_the_dispute_window_has_ended(closed):
    end_dispute_window()
    assert PublishedBallots.objects.to_unlink().count() == 1
    unlink_overdue_voters(by=Actor.of_command())
    first = PublishedBallots.objects.get().unlinked_at
    unlink_overdue_voters(by=Actor.of_command())
    assert (Vote.objects.count(), PublishedBallots.objects.to_unlink().count()) == (0, 0)
    assert PublishedBallots.objects.get().unlinked_at == first is not None


def test_work_unlinks_no_one_within_the_dispute_window(closed):
    unlink_overdue_voters(by=Actor.of_command())
    assert Vote.objects.count() == 3


def test_work_waits_for_the_dispute_window_of_a_later_decision(closed, bob, organiser):
    end_dispute_window()
    decide_and_accept(conference=closed, candidate=bob, by=organiser)
    unlink_overdue_voters(by=Actor.of_command())
    with pytest.raises(ValidationError, match="dispute window is open"):
        unlink_voters(conference=closed, by=Actor.of_command())
    assert Vote.objects.count() == 3


def test_dispute_window_stays_as_announced_if_the_speaker_steps_down(closed, bob, organiser):
    end_dispute_window()
    decision = decide_and_accept(conference=closed, candidate=bob, by=organiser)
    before = PublishedBallots.objects.get().dispute_ends_at
    step_down(decision=decision, by=Actor(bob.user))
    assert PublishedBallots.objects.get().dispute_ends_at == before > timezone.now()
    unlink_overdue_voters(by=Actor.of_command())
    assert Vote.objects.count() == 3


@pytest.mark.parametrize("answer", [None, False])
def test_choice_that_members_do_not_learn_of_moves_no_date(closed, bob, organiser, answer):
    before = PublishedBallots.objects.get().dispute_ends_at
    decision = close_and_decide(conference=closed, candidate=bob, by=organiser)
    if answer is not None:
        answer_decision(decision=decision, accept=answer, by=Actor(bob.user))
    assert PublishedBallots.objects.get().dispute_ends_at == before


def test_work_unlinks_no_one_if_the_site_does_it_by_hand(closed, settings):
    settings.UNLINK_AUTOMATICALLY = False
    end_dispute_window()
    unlink_overdue_voters(by=Actor.of_command())
    assert Vote.objects.count() == 3


def dump():
    """The whole database as text."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return "\n".join(connection.connection.iterdump())
    command = ["mariadb-dump", "--no-defaults", f"--socket={os.environ['MARIADB_SOCKET']}", "--user=root"]
    name = connection.settings_dict["NAME"]
    return subprocess.run([*command, name], capture_output=True, text=True, check=True).stdout


def linked(members, text):
    """Members whose tracker can be computed from what the text contains."""
    published = PublishedBallots.objects.get().ballots
    nonces = set(re.findall(r"\b[0-9a-f]{32}\b", text))
    return [
        m
        for m in members
        if any(
            tracker_of(conference_id=m.conference_id, member_id=m.pk, nonce=nonce) in published
            for nonce in nonces
        )
    ]


@pytest.mark.django_db(transaction=True)
def test_after_unlinking_a_dump_contains_no_link_from_voter_to_choice(closed, alice, bob, carol):
    assert linked([alice, bob, carol], dump()) == [alice, bob, carol]
    call_command("unlink_voters", "open-conf", early=True)
    after = dump()
    assert linked([alice, bob, carol], after) == []
    assert not re.search(r"INSERT INTO [`\"]voting_vote[`\"]", after)
