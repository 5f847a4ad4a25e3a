"""Votes of and for members who are gone: void immediately, in every figure until voting closes."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actions import disable_user, enable_user
from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences import actions as conference_actions
from conferences.tests.factories import make_membership
from voting.elections import actions, pitches, tasks
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.tally import tally_of, votes_per_candidate
from voting.tests.factories import close_and_decide, make_vote
from voting.tests.listed_figures import in_list

pytestmark = pytest.mark.django_db

REASON = "Another person."


def leave(member):
    actions.leave_conference(membership=member, by=Actor(member.user))


def opt_out(member):
    pitches.set_accepts_votes(membership=member, accepts_votes=False, by=Actor(member.user))


def exclude(member):
    exclude_member(membership=member, by=Actor.of_command(), reason=REASON)


def readmit(member):
    readmit_member(membership=member, by=Actor.of_command(), reason=REASON)


def disable(member):
    disable_user(user=member.user, by=Actor.of_command(), reason=REASON)


def enable(member):
    enable_user(user=member.user, by=Actor.of_command(), reason=REASON)


def delete(member):
    delete_account(by=Actor(member.user))


def join(member):
    conference_actions.join_conference(conference=member.conference, by=Actor(member.user))


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug="open-conf", candidate_id=candidate.pk)


def figures(conference):
    tally = tally_of(conference)
    turnout = in_list(conference)
    return (
        votes_per_candidate(conference),
        tally.votes,
        tally.members,
        turnout.vote_count,
        turnout.member_count,
    )


GOING = [leave, exclude, delete]


@pytest.mark.parametrize("go", [*GOING, opt_out, disable])
def test_no_vote_per_candidate_moves_while_voting_is_open(conference, alice, bob, carol, go):
    make_vote(alice, bob)
    make_vote(bob, carol)
    before = figures(conference)
    go(bob)
    assert figures(conference)[0:2] == before[0:2]
    assert figures(conference)[3] == before[3]


@pytest.mark.parametrize("go", GOING)
def test_the_number_of_those_entitled_does_not_move_either(conference, alice, bob, go):
    make_vote(alice, bob)
    before = figures(conference)
    go(bob)
    assert figures(conference) == before


def test_a_member_who_was_gone_before_voting_opened_is_not_shown_as_entitled(conference, alice):
    early = {"joined_at": conference.election.opens_at, "left_at": conference.created_at}
    make_membership(conference, **{**early, "left_at": conference.election.opens_at.replace(year=2020)})
    make_membership(conference, excluded_at=conference.election.opens_at.replace(year=2020))
    assert tally_of(conference).members == 1


@pytest.mark.parametrize("go", [*GOING, disable])
def test_the_vote_of_a_member_who_is_gone_does_not_count_once_voting_closed(
    conference, alice, bob, carol, go
):
    make_vote(alice, carol)
    make_vote(bob, carol)
    go(alice)
    actions.close_voting(conference=conference)
    assert PublishedBallots.objects.get().result["tally"] == {str(carol.pk): 1}
    assert list(Vote.objects.values_list("voter", flat=True)) == [bob.pk]


@pytest.mark.parametrize("go", [*GOING, opt_out, disable])
def test_votes_for_a_member_who_is_gone_do_not_count_once_voting_closed(conference, alice, bob, carol, go):
    make_vote(alice, carol)
    make_vote(carol, bob)
    make_vote(bob, alice)
    go(carol)
    actions.close_voting(conference=conference)
    assert str(carol.pk) not in PublishedBallots.objects.get().result["tally"]


@pytest.mark.parametrize("columns", [{"left_at": "before"}, {"excluded_at": "before"}, {"inactive": True}])
def test_a_vote_that_no_one_made_void_is_still_held_against_its_voter(conference, alice, bob, carol, columns):
    make_vote(alice, bob)
    make_vote(carol, bob)
    before = conference.election.opens_at
    if columns.pop("inactive", None):
        type(alice.user).objects.filter(pk=alice.user_id).update(is_active=False)
    type(alice).objects.filter(pk=alice.pk).update(**dict.fromkeys(columns, before))
    actions.close_voting(conference=conference)
    assert PublishedBallots.objects.get().result["participants"] == 1


def test_the_decision_counts_without_void_votes(conference, alice, bob, carol, organiser):
    make_vote(alice, bob)
    make_vote(carol, bob)
    exclude(carol)
    actions.close_voting(conference=conference)
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser)
    assert decision.tally["votes"] == 1


@pytest.mark.parametrize(("out", "back"), [(exclude, readmit), (disable, enable)])
def test_a_member_who_is_let_in_again_has_their_vote_again(conference, alice, bob, out, back):
    make_vote(alice, bob)
    out(alice)
    back(alice)
    actions.close_voting(conference=conference)
    assert PublishedBallots.objects.get().result["tally"] == {str(bob.pk): 1}


def test_a_member_who_is_excluded_and_disabled_needs_both_to_end(conference, alice, bob):
    make_vote(alice, bob)
    disable(alice)
    exclude(alice)
    enable(alice)
    assert not Vote.objects.valid().exists()
    readmit(alice)
    assert Vote.objects.valid().exists()


@pytest.mark.parametrize("meanwhile", [lambda alice, bob: leave(bob), lambda alice, bob: leave(alice)])
def test_readmission_does_not_bring_back_what_is_void_for_another_reason(alice, bob, meanwhile):
    make_vote(alice, bob)
    exclude(alice)
    meanwhile(alice, bob)
    join(alice)
    readmit(alice)
    assert not Vote.objects.valid().exists()


@pytest.mark.parametrize(("out", "back"), [(exclude, readmit), (disable, enable), (leave, join)])
def test_a_candidate_who_comes_back_has_not_their_votes(alice, bob, out, back):
    make_vote(alice, bob)
    out(bob)
    back(bob)
    assert not Vote.objects.valid().exists()


@pytest.mark.parametrize("go", [*GOING, opt_out, disable])
def test_voting_again_replaces_a_void_vote(alice, bob, carol, go):
    cast(alice, bob)
    go(bob)
    cast(alice, carol)
    vote = Vote.objects.get()
    assert (vote.candidate, vote.voided_at, vote.voided_because) == (carol, None, "")


def test_the_same_vote_again_replaces_a_void_vote(alice, bob):
    cast(alice, bob)
    old = Vote.objects.get()
    leave(bob)
    join(bob)
    cast(alice, bob)
    new = Vote.objects.get()
    assert (new.candidate, new.voided_at) == (bob, None)
    assert (new.nonce, new.tracker) != (old.nonce, old.tracker)


def test_the_same_valid_vote_again_changes_nothing(alice, bob):
    cast(alice, bob)
    before = Vote.objects.values().get()
    cast(alice, bob)
    assert Vote.objects.values().get() == before


def test_a_void_vote_cannot_be_withdrawn_so_no_figure_moves(alice, bob):
    make_vote(alice, bob)
    leave(bob)
    assert actions.withdraw_vote(conference=alice.conference, by=Actor(alice.user)) is Change.NONE
    assert Vote.objects.count() == 1


@pytest.mark.parametrize(
    ("go", "why"),
    [
        (leave, "because Bob left"),
        (opt_out, "because Bob opted out of being voted for"),
        (exclude, "because the organisers excluded Bob"),
        (disable, "because the account of Bob was disabled"),
        (delete, "because Deleted person left"),
    ],
)
@pytest.mark.parametrize("page", ["/me/", "/conferences/open-conf/", "/conferences/open-conf/ballot/"])
def test_the_voter_reads_that_their_vote_is_void_and_why(as_alice, alice, bob, go, why, page):
    make_vote(alice, bob)
    assert not parse(as_alice.get(page)).mentions("no longer counts, because")
    go(bob)
    shown = parse(as_alice.get(page))
    assert f"Your vote no longer counts, {why}. Please vote again." in shown.text
    assert not shown.mentions("Your vote is in")
    assert not shown.mentions("You voted for")


def test_a_void_vote_has_no_receipt(as_alice, alice, bob):
    cast(alice, bob)
    assert as_alice.get("/conferences/open-conf/vote/receipt/").status_code == 200
    leave(bob)
    assert as_alice.get("/conferences/open-conf/vote/receipt/").status_code == 404
    assert as_alice.get("/conferences/open-conf/vote/receipt.json").status_code == 404


def test_voters_of_a_disabled_candidate_are_notified(as_organiser, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(carol, alice)
    as_organiser.post(f"/admin/accounts/user/disable/?people={bob.user_id}", {"reason": REASON})
    assert [m.to for m in mail.outbox] == [[alice.user.email]]


def test_voters_who_voted_again_before_the_worker_came_are_not_notified(settings, alice, bob, carol):
    make_vote(alice, bob)
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    pitches.set_accepts_votes(membership=bob, accepts_votes=False, by=Actor(bob.user))
    voided_at = Vote.objects.get().voided_at.isoformat()
    cast(alice, carol)
    tasks.email_voters_of_void_votes.call(candidate_id=bob.pk, at=voided_at)
    assert mail.outbox == []


def test_the_task_that_emails_voters_of_void_votes_names_none(monkeypatch, alice, bob):
    enqueued = []
    queue = SimpleNamespace(enqueue=lambda **known: enqueued.append(known))
    monkeypatch.setattr(tasks, "email_voters_of_void_votes", queue)
    make_vote(alice, bob)
    exclude_member(membership=bob, by=Actor.of_command(), reason=REASON)
    assert [set(known) for known in enqueued] == [{"candidate_id", "at"}]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"accepts_votes": False},
        {"is_listed": False},
        {"left_at": "then"},
        {"excluded_at": "then"},
        {"is_active": False},
    ],
)
def test_one_rule_says_who_can_be_voted_for_in_sql_and_in_python(conference, alice, columns):
    """The desk marks a candidate whose votes will not count by the rule that refuses votes for them."""
    if "is_active" in columns:
        type(alice.user).objects.filter(pk=alice.user_id).update(is_active=False)
    else:
        then = {
            name: conference.election.opens_at if value == "then" else value
            for name, value in columns.items()
        }
        type(alice).objects.filter(pk=alice.pk).update(**then)
    member = type(alice).objects.get(pk=alice.pk)
    assert member.can_be_voted_for == type(alice).objects.candidates().filter(pk=alice.pk).exists()
    assert member.can_be_voted_for == (not columns)


def closed_by_the_clock(conference):
    """No one has looked since, so nothing is published yet."""
    closed = timezone.now() - timedelta(minutes=1)
    Election.objects.filter(pk=conference.pk).update(closes_at=closed)


def test_disabling_after_the_close_changes_no_count(conference, alice, bob):
    make_vote(alice, bob)
    closed_by_the_clock(conference)
    disable(alice)
    assert PublishedBallots.objects.get().result["tally"] == {str(bob.pk): 1}


def test_deleting_an_account_after_the_close_changes_no_count(conference, alice, bob):
    make_vote(alice, bob)
    closed_by_the_clock(conference)
    delete(alice)
    assert PublishedBallots.objects.get().result["tally"] == {str(bob.pk): 1}
