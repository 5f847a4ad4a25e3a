"""The electoral roll is frozen when voting opens, and changed afterwards by organisers alone, in public."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences import actions as conference_actions
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.actions import add_to_roll, freeze_opened_rolls, freeze_roll, remove_from_roll
from voting.elections.roll.models import RollChange, RollEntry
from voting.elections.roll.publication import roll_csv
from voting.elections.tally import tally_of
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(conference):
    """Voting is open, and those who join later may not vote."""
    update_elections(conference, late_joiners="may_not_vote")
    conference.refresh_from_db()
    return conference


@pytest.fixture
def early(strict):
    """Two members who joined before voting opened."""
    before = strict.election.opens_at - timedelta(hours=1)
    return [make_membership(strict, name=name, joined_at=before) for name in ("Ada", "Ben")]


@pytest.fixture
def chair(organiser):
    return Actor(organiser)


def roll_of(conference):
    return set(
        RollEntry.objects.current().filter(election=conference.election).values_list("membership", flat=True)
    )


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)


def test_members_at_the_opening_are_on_the_roll(strict, early):
    late = make_membership(strict)
    assert freeze_roll(conference=strict) is Change.MADE
    assert roll_of(strict) == {member.pk for member in early}
    assert late.pk not in roll_of(strict)


def test_a_member_who_had_left_or_was_excluded_or_disabled_at_the_opening_is_not_on_the_roll(strict, early):
    before = strict.election.opens_at - timedelta(minutes=1)
    out = [{"left_at": before}, {"excluded_at": before}]
    for columns in out:
        make_membership(strict, joined_at=before - timedelta(hours=1), **columns)
    disabled = make_user("disabled@example.org")
    make_membership(strict, user=disabled, joined_at=before)
    type(disabled).objects.filter(pk=disabled.pk).update(is_active=False)
    freeze_roll(conference=strict)
    assert roll_of(strict) == {member.pk for member in early}


def test_a_member_who_left_since_the_opening_is_on_the_roll(strict, early):
    Membership.objects.filter(pk=early[0].pk).update(left_at=strict.election.opens_at + timedelta(minutes=1))
    freeze_roll(conference=strict)
    assert roll_of(strict) == {member.pk for member in early}


def test_roll_is_frozen_once(strict, early):
    assert freeze_roll(conference=strict) is Change.MADE
    digest = Election.objects.get(pk=strict.pk).roll_digest
    make_membership(strict, joined_at=strict.election.opens_at - timedelta(days=1))
    assert freeze_roll(conference=strict) is Change.NONE
    assert Election.objects.get(pk=strict.pk).roll_digest == digest


def test_roll_is_not_frozen_before_voting_opens():
    conference = make_conference(voting="scheduled")
    assert freeze_roll(conference=conference) is Change.NONE
    assert freeze_opened_rolls() == 0


def test_worker_freezes_every_roll_whose_time_has_come(strict, early):
    make_conference(voting="scheduled")
    make_conference(voting="open", rules_set_at=None)
    assert freeze_opened_rolls() == 1
    assert freeze_opened_rolls() == 0


def test_first_vote_freezes_the_roll(strict, early):
    cast(*early)
    assert roll_of(strict) == {member.pk for member in early}
    assert Vote.objects.count() == 1


@pytest.mark.parametrize("path", ["", "ballot/", "roll/", "roll/roll.csv"])
def test_first_page_after_the_opening_freezes_the_roll(client, strict, early, path):
    client.force_login(early[0].user)
    client.get(f"/conferences/{strict.slug}/{path}")
    assert Election.objects.get(pk=strict.pk).roll_size == 2


def test_roll_that_no_one_asked_for_is_frozen_before_the_count(strict, early):
    make_vote(*early)
    update_elections(strict, closes_at=strict.election.opens_at + timedelta(minutes=1))
    make_membership(strict)
    call_command("publish_ballots")
    assert PublishedBallots.objects.get().result["roll"]["size"] == 2


def test_a_member_who_joins_later_may_not_vote(strict, early):
    freeze_roll(conference=strict)
    person = make_user("late@example.org")
    late = conference_actions.join_conference(conference=strict, by=Actor(person))
    with pytest.raises(ValidationError, match="joined after voting had opened"):
        cast(late, early[0])


def test_where_the_rules_allow_it_who_joins_later_is_added_and_counted(conference, alice):
    freeze_roll(conference=conference)
    late = conference_actions.join_conference(conference=conference, by=Actor(make_user("late@example.org")))
    cast(late, alice)
    assert RollEntry.objects.get(membership=late).kind == RollEntry.Kind.LATE


def test_a_member_who_comes_back_is_on_the_roll_once(conference, alice):
    freeze_roll(conference=conference)
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    conference_actions.join_conference(conference=conference, by=Actor(alice.user))
    assert RollEntry.objects.filter(membership=alice).count() == 1


def test_organiser_adds_a_voter_with_a_reason(strict, early, chair):
    freeze_roll(conference=strict)
    late = make_membership(strict)
    assert add_to_roll(membership=late, by=chair, reason="Ticket bought at the door.") is Change.MADE
    cast(late, early[0])
    change = RollChange.objects.get()
    assert (change.act, change.reason, change.by) == ("added", "Ticket bought at the door.", chair.person)
    assert AdminAct.objects.filter(act="roll added", by=chair.person).exists()


def test_adding_a_voter_who_is_on_the_roll_changes_nothing(strict, early, chair):
    freeze_roll(conference=strict)
    assert add_to_roll(membership=early[0], by=chair, reason="Again.") is Change.NONE
    assert not RollChange.objects.exists()


def test_removed_voter_may_not_vote_and_reads_why(strict, early, chair):
    freeze_roll(conference=strict)
    assert remove_from_roll(membership=early[0], by=chair, reason="The ticket was refunded.") is Change.MADE
    assert remove_from_roll(membership=early[0], by=chair, reason="Again.") is Change.NONE
    with pytest.raises(ValidationError, match=r"Their reason: The ticket was refunded\."):
        cast(*early)


def test_removed_voter_whom_an_organiser_adds_again_votes_as_before(strict, early, chair):
    cast(*early)
    remove_from_roll(membership=early[0], by=chair, reason="A mistake.")
    assert add_to_roll(membership=early[0], by=chair, reason="It was a mistake.") is Change.MADE
    assert Vote.objects.valid().filter(voter=early[0]).exists()
    assert RollEntry.objects.get(membership=early[0]).kind == RollEntry.Kind.FROZEN


def test_no_figure_shows_before_the_close_whether_a_removed_voter_had_voted(strict, early, chair):
    cast(*early)
    before = tally_of(strict)
    remove_from_roll(membership=early[0], by=chair, reason="The ticket was refunded.")
    after = tally_of(strict)
    assert (after.votes, after.members) == (before.votes, before.members)


def test_vote_of_a_removed_voter_is_gone_when_voting_closes(strict, early, chair):
    cast(*early)
    cast(early[1], early[0])
    remove_from_roll(membership=early[0], by=chair, reason="The ticket was refunded.")
    actions.close_voting(conference=strict)
    result = PublishedBallots.objects.get().result
    assert (result["participants"], result["electorate"]) == (1, 1)
    assert result["roll"] | {"digest": ""} == {"size": 2, "digest": "", "late": 0, "added": 0, "removed": 1}


@pytest.mark.parametrize("act", [add_to_roll, remove_from_roll])
def test_roll_is_not_changed_without_a_reason(strict, early, chair, act):
    freeze_roll(conference=strict)
    with pytest.raises(ValidationError, match="Please give a reason"):
        act(membership=early[0], by=chair, reason="  ")


@pytest.mark.parametrize("act", [add_to_roll, remove_from_roll])
def test_roll_is_not_changed_before_voting_opens_or_after_it_closed(chair, act):
    for voting, sentence in (("scheduled", "has not opened"), ("closed", "the count is final")):
        member = make_membership(make_conference(voting=voting))
        with pytest.raises(ValidationError, match=sentence):
            act(membership=member, by=chair, reason="Why not.")


def test_excluded_member_who_is_readmitted_is_added(strict, early, chair):
    member = make_membership(strict, joined_at=strict.election.opens_at - timedelta(hours=1))
    exclude_member(membership=member, by=chair, reason="Twice here.")
    Membership.objects.filter(pk=member.pk).update(
        excluded_at=strict.election.opens_at - timedelta(minutes=1)
    )
    freeze_roll(conference=strict)
    readmit_member(membership=member, by=chair, reason="It was somebody else.")
    cast(member, early[0])
    assert [change.reason for change in RollChange.objects.all()] == ["It was somebody else."]


def test_readmission_does_not_restore_the_vote_of_a_removed_voter(strict, early, chair):
    cast(*early)
    exclude_member(membership=early[0], by=chair, reason="Twice here.")
    remove_from_roll(membership=early[0], by=chair, reason="The ticket was refunded.")
    readmit_member(membership=early[0], by=chair, reason="Once here.")
    assert not Vote.objects.valid().filter(voter=early[0]).exists()


def test_voter_can_compute_their_entry_and_the_digest(client, strict, early):
    client.force_login(early[0].user)
    page = client.get(f"/conferences/{strict.slug}/roll/")
    entry = RollEntry.objects.get(membership=early[0])
    source = page.context["entry"].facts["source"]
    assert sha256(source.encode()).hexdigest() == entry.leaf
    assert early[0].user.email in source
    lines = client.get(f"/conferences/{strict.slug}/roll/roll.csv").content.decode().splitlines()
    leaves = [line.split(",")[0] for line in lines[1:]]
    assert entry.leaf in leaves
    digest = sha256("".join(f"{leaf}\n" for leaf in sorted(leaves)).encode()).hexdigest()
    assert digest == Election.objects.get(pk=strict.pk).roll_digest
    assert page.context["figures"]["digest"] == digest


def test_roll_names_no_voter(client, strict, early, chair):
    freeze_roll(conference=strict)
    remove_from_roll(membership=early[1], by=chair, reason="The ticket was refunded.")
    client.force_login(early[0].user)
    page = parse(client.get(f"/conferences/{strict.slug}/roll/"))
    assert "The ticket was refunded." in page.text
    assert not page.mentions(early[1].user.email)
    assert not page.mentions(str(early[1]))
    assert early[1].user.email not in roll_csv(strict.election)


def test_strangers_do_not_get_the_roll(client, strict, early):
    client.force_login(make_user("stranger@example.org"))
    assert client.get(f"/conferences/{strict.slug}/roll/").status_code == 302
    assert client.get(f"/conferences/{strict.slug}/roll/roll.csv").status_code == 404


def test_deleted_account_leaves_its_entry_and_nothing_of_which_it_was_made(strict, early):
    freeze_roll(conference=strict)
    leaf = RollEntry.objects.get(membership=early[0]).leaf
    delete_account(by=Actor(early[0].user))
    entry = RollEntry.objects.get(leaf=leaf)
    assert (entry.email, entry.salt) == ("", "")


def test_recount_finds_an_entry_that_was_slipped_in_after_the_freezing(strict, early):
    cast(*early)
    actions.close_voting(conference=strict)
    call_command("recount", strict.slug)
    RollEntry.objects.filter(membership=early[1]).update(leaf="0" * 64)
    with pytest.raises(CommandError, match="1 problems"):
        call_command("recount", strict.slug)


def test_result_signs_the_roll(strict, early):
    cast(*early)
    actions.close_voting(conference=strict)
    published = PublishedBallots.objects.get()
    assert published.result["roll"]["digest"] == Election.objects.get(pk=strict.pk).roll_digest
    assert json.dumps(published.result["roll"])
