"""Every condition of a vote, in the statement that decides and in the words that explain.

The rules exist twice, as SQL and as sentences; this table keeps them consistent.
"""

from datetime import timedelta
from itertools import chain

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import make_user
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.desk.filters import VotingStateFilter
from voting.elections import actions
from voting.elections.election.electorate import ENTITLED
from voting.elections.election.models import Election, VotingState
from voting.elections.eligibility import conditions
from voting.elections.models import Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.actions import freeze_roll
from voting.elections.roll.models import RollEntry
from voting.elections.statements import CAST_VOTE, SELECT, execute_cast_vote

pytestmark = pytest.mark.django_db
AND = "\n  AND "


def hours(number):
    return timezone.now() + timedelta(hours=number)


def of_election(**columns):
    return lambda _voter, _candidate: Election.objects.update(**columns)


def of_voter(**columns):
    return lambda voter, _candidate: Membership.objects.filter(pk=voter.pk).update(**columns)


def of_candidate(**columns):
    return lambda _voter, candidate: Membership.objects.filter(pk=candidate.pk).update(**columns)


def disable(who):
    return lambda *both: User.objects.filter(pk=both[who].user_id).update(is_active=False)


def publish(voter, _candidate):
    election = Election.objects.get(pk=voter.conference_id)
    PublishedBallots.objects.create(election=election, ballots="", digest="", signature="", result={})


def unconfirm(voter, _candidate):
    voter.user.emailaddress_set.update(verified=False)


def join_late(voter, _candidate):
    RollEntry.objects.filter(membership=voter).delete()


def remove_from_roll(voter, _candidate):
    RollEntry.objects.filter(membership=voter).update(removed_at=hours(0))


def stranger(_voter, candidate):
    return make_user("stranger@example.org"), candidate.pk


def elsewhere(voter, _candidate):
    return voter.user, make_membership(make_conference(voting="open")).pk


def oneself(voter, _candidate):
    return voter.user, voter.pk


VOTER, CANDIDATE = 0, 1
ROLL = "EXISTS (\n    SELECT 1 FROM voting_rollentry"
# What is wrong; the beginning of the condition of the statement that it breaks; the failing line of the
# list, if there is one; and what the voter reads. None: as if there were no such conference or member.
TABLE = {
    "inactive": (
        lambda *_: Conference.objects.update(status="inactive"),
        "EXISTS (\n    SELECT 1 FROM conferences_conference",
        "active",
        "This conference is not active",
    ),
    "decided": (of_election(decided_at=hours(0)), "election.decided_at", "open", "Voting closed on"),
    "no rules": (of_election(rules_set_at=None), "election.rules_set_at", "rules", "have not set the rules"),
    "not open yet": (of_election(opens_at=hours(1)), "election.opens_at", "open", "It opens on"),
    "closed": (of_election(closes_at=hours(-0.1)), "election.closes_at", "open", "Voting closed on"),
    "published": (publish, "NOT EXISTS (SELECT 1 FROM voting_publishedballots", None, "could not be stored"),
    "stranger": (stranger, "voter.user_id", None, None),
    "voter left": (of_voter(left_at=hours(0)), "voter.left_at", "member", "Join it again to vote"),
    "voter excluded": (
        of_voter(excluded_at=hours(0)),
        "voter.excluded_at",
        "not-excluded",
        "The organisers excluded you",
    ),
    "voter late": (join_late, ROLL, "on-roll", "You joined after voting had opened"),
    "voter removed": (
        remove_from_roll,
        ROLL,
        "on-roll",
        "You are no longer on the list of voters: the organisers removed you",
    ),
    "candidate elsewhere": (elsewhere, "candidate.id =", None, "no such member to vote for"),
    "oneself": (oneself, "candidate.id <> voter.id", None, "You cannot vote for yourself"),
    "candidate left": (of_candidate(left_at=hours(0)), "candidate.left_at", None, "is no longer a member"),
    "candidate excluded": (
        of_candidate(excluded_at=hours(0)),
        "candidate.excluded_at",
        None,
        "is excluded from this vote",
    ),
    "opted out": (
        of_candidate(accepts_votes=False),
        "candidate.accepts_votes",
        None,
        "does not want to be voted for",
    ),
    "pitch hidden": (
        of_candidate(pitch_hidden_at=hours(0)),
        "candidate.pitch_hidden_at",
        None,
        "have hidden the pitch of",
    ),
    "hidden": (
        of_candidate(is_listed=False),
        "(\n    candidate.is_listed",
        None,
        "no such member to vote for",
    ),
    "hidden by default": (
        lambda *_: Conference.objects.update(members_are_listed=False),
        "(\n    candidate.is_listed",
        None,
        "no such member to vote for",
    ),
    "voter disabled": (
        disable(VOTER),
        "EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = voter.user_id",
        "account",
        "Your account is disabled",
    ),
    "candidate disabled": (
        disable(CANDIDATE),
        "EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = candidate.user_id",
        None,
        "is no longer a member",
    ),
    "unconfirmed": (
        unconfirm,
        "EXISTS (SELECT 1 FROM account_emailaddress",
        "address",
        "Please confirm your",
    ),
}


def broken(alice, bob, name):
    """The vote that is requested once this is wrong: by whom, and for which ID."""
    freeze_roll(conference=alice.conference)
    asked = TABLE[name][0](alice, bob)
    return asked if isinstance(asked, tuple) else (alice.user, bob.pk)


def without(beginning):
    """The statement without the condition that begins like this."""
    statement = CAST_VOTE[connection.vendor]
    parts = statement.split(AND)
    kept = [part for part in parts if not part.startswith(beginning)]
    assert len(kept) == len(parts) - 1
    end = parts[-1].partition("\n")[2]
    last = kept[-1] if kept[-1] is parts[-1] else f"{kept[-1]}\n{end}"
    return AND.join([*kept[:-1], last])


def test_a_vote_that_meets_every_condition_counts(conference, alice, bob):
    actions.cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk)
    found = conditions(user=alice.user, conference=conference, membership=alice)
    assert (Vote.objects.count(), [c.name for c in found if not c.holds]) == (1, [])


@pytest.mark.parametrize("name", TABLE)
def test_a_vote_that_breaks_one_condition_is_refused_in_its_words(conference, alice, bob, name):
    user, candidate_id = broken(alice, bob, name)
    sentence = TABLE[name][3]
    with pytest.raises(ValidationError if sentence else Membership.DoesNotExist) as refusal:
        actions.cast_vote(by=Actor(user), slug=conference.slug, candidate_id=candidate_id)
    assert not Vote.objects.exists()
    assert sentence is None or sentence in refusal.value.message


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row[2]])
def test_a_broken_condition_is_the_first_failing_line_of_the_list(conference, alice, bob, name):
    broken(alice, bob, name)
    voter = Membership.objects.select_related("conference__election", "user").get(pk=alice.pk)
    found = conditions(user=voter.user, conference=voter.conference, membership=voter)
    assert next(c.name for c in found if not c.holds) == TABLE[name][2]


@pytest.mark.parametrize("name", TABLE)
def test_the_statement_refuses_it_by_that_condition_alone(conference, alice, bob, carol, name):
    user, candidate_id = broken(alice, bob, name)
    parameters = {
        "slug": conference.slug,
        "user_id": user.pk,
        "candidate_id": candidate_id,
    }
    try:
        with transaction.atomic():
            taken = execute_cast_vote(parameters, without(TABLE[name][1])) is not None
    except IntegrityError:  # the constraints of the table are a second line of defence behind some conditions
        taken = True
    assert taken


def test_every_condition_of_the_statement_has_its_line_in_the_table():
    beginnings = [row[1] for row in TABLE.values()]
    asked = SELECT.split(AND)[1:]
    assert [c for c in asked if sum(c.startswith(beginning) for beginning in {*beginnings}) != 1] == []


@pytest.mark.parametrize(
    "name", ["voter left", "voter excluded", "voter late", "voter removed", "voter disabled"]
)
def test_a_member_who_may_not_vote_is_not_counted_as_entitled(conference, alice, bob, name):
    mine = Membership.objects.filter(ENTITLED, pk=alice.pk)
    assert mine.exists()
    broken(alice, bob, name)
    assert not mine.exists()


CANCELLED = {"status": "cancelled", "stopped_at": timezone.now(), "stop_reason": "The hall is closed."}
STATES = {
    VotingState.UNSCHEDULED: [
        {"voting": None},
        {"voting": "open", "rules_set_at": None},
        {"voting": "closed", "status": "draft"},
    ],
    VotingState.SCHEDULED: [{"voting": "scheduled"}, {"voting": "open", "status": "draft"}],
    VotingState.OPEN: [{"voting": "open"}],
    VotingState.CLOSED: [{"voting": "closed"}, {"voting": "open", "decided_at": timezone.now()}],
    VotingState.CANCELLED: [{"voting": voting, **CANCELLED} for voting in ("open", "scheduled")],
}


def test_the_filter_of_the_lists_finds_each_election_in_its_state(db):
    for columns in chain(*STATES.values()):
        make_conference(**columns)
    decided = make_conference(voting="closed", decided_at=timezone.now())
    Election.objects.filter(pk=decided.pk).update(speaker=make_membership(decided))
    for state in VotingState:
        chosen = VotingStateFilter(None, {"voting": [state.value]}, Election, None)
        found = chosen.queryset(None, Election.objects.select_related("conference"))
        expected = [e.pk for e in Election.objects.select_related("conference") if e.state() == state]
        assert expected
        assert sorted(e.pk for e in found) == sorted(expected)
