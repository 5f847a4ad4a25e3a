"""Exclusion and disabling also apply to other accounts of the same mailbox, until voting closes."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actions import disable_user, enable_user
from accounts.actors import Actor
from accounts.models import DisabledMailbox, User
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user
from conferences.actions import join_conference
from conferences.mailboxes import forget_mailboxes
from conferences.models import Conference, ExcludedMailbox
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member, readmit_member

pytestmark = pytest.mark.django_db
SPELLINGS = ["mallory@gmail.com", "Mallory@Gmail.com", "mal.lory@gmail.com", "mallory+2@googlemail.com"]


@pytest.fixture
def mallory(conference):
    return make_membership(conference, user=make_user("mallory@gmail.com", name="Mallory"))


def vote(member, candidate):
    actions.cast_vote(by=Actor(member.user), slug="open-conf", candidate_id=candidate.pk)


@pytest.mark.parametrize("address", SPELLINGS)
def test_a_member_who_was_excluded_is_so_after_deleting_the_account(conference, mallory, bob, address):
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    delete_account(by=Actor(mallory.user))
    again = join_conference(conference=conference, by=Actor(make_user(address)))
    assert again.excluded_at
    assert "Another account with the same mailbox" in again.exclusion_reason
    with pytest.raises(ValidationError, match="The organisers excluded you"):
        vote(again, bob)


@pytest.mark.parametrize("address", SPELLINGS[2:])
@pytest.mark.parametrize("leaves", [True, False])
def test_a_member_who_was_excluded_is_so_under_a_second_account(conference, mallory, address, leaves):
    Conference.objects.update(one_account_per_mailbox=False)
    conference.refresh_from_db()
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    if leaves:
        actions.leave_conference(membership=mallory, by=Actor(mallory.user))
    assert join_conference(conference=conference, by=Actor(make_user(address))).excluded_at


def test_another_address_of_the_excluded_account_is_excluded_too(conference, mallory):
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    User.objects.filter(pk=mallory.user_id).update(email="other@example.org")
    mallory.user.refresh_from_db()
    delete_account(by=Actor(mallory.user))
    for address in ("mallory@gmail.com", "other+1@example.org"):
        assert join_conference(conference=conference, by=Actor(make_user(address))).excluded_at


def test_other_people_and_other_conferences_are_not_concerned(conference, mallory):
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    delete_account(by=Actor(mallory.user))
    user = make_user("mallory@gmail.com")
    assert join_conference(conference=make_conference(voting="open"), by=Actor(user)).excluded_at is None
    other = join_conference(conference=conference, by=Actor(make_user("alice2@gmail.com")))
    assert other.excluded_at is None


def test_a_member_who_is_readmitted_stays_so(conference, mallory):
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    delete_account(by=Actor(mallory.user))
    again = join_conference(conference=conference, by=Actor(make_user("mallory@gmail.com")))
    readmit_member(membership=again, by=Actor.of_command(), reason="They showed a passport.")
    again.refresh_from_db()
    actions.leave_conference(membership=again, by=Actor(again.user))
    assert join_conference(conference=conference, by=Actor(again.user)).excluded_at is None


def test_a_second_account_of_a_disabled_person_cannot_vote(conference, mallory, bob):
    disable_user(user=mallory.user, by=Actor.of_command(), reason="A fake.")
    Conference.objects.update(one_account_per_mailbox=False)
    conference.refresh_from_db()
    again = join_conference(conference=conference, by=Actor(make_user("mal.lory+3@gmail.com")))
    with pytest.raises(ValidationError, match="or disabled"):
        vote(again, bob)


def test_a_member_who_is_enabled_again_takes_part(conference, mallory):
    disable_user(user=mallory.user, by=Actor.of_command(), reason="A fake.")
    enable_user(user=mallory.user, by=Actor.of_command(), reason="A mistake.")
    assert not DisabledMailbox.objects.exists()
    other = make_conference(voting="open")
    assert join_conference(conference=other, by=Actor(mallory.user)).excluded_at is None


def test_no_address_is_kept(conference, mallory):
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    disable_user(user=mallory.user, by=Actor.of_command(), reason="A fake.")
    kept = [ExcludedMailbox.objects.get().digest, DisabledMailbox.objects.get().digest]
    assert not any("mallory" in digest for digest in kept)


def test_an_exclusion_is_kept_to_the_close_and_no_longer(conference, mallory):
    exclude_member(membership=mallory, by=Actor.of_command(), reason="A fake.")
    forget_mailboxes()
    assert ExcludedMailbox.objects.count() == 1
    Election.objects.update(closes_at=timezone.now())
    forget_mailboxes()
    assert not ExcludedMailbox.objects.exists()
