"""Members whose right to vote an organiser changes are notified."""

import pytest
from django.core import mail
from django.utils.translation import gettext, override

from accounts.actors import Actor
from accounts.models import User
from conferences.models import RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_membership
from conferences.tests.rosters.entries import BY_COMMAND, make_entry
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.roll.actions import add_to_roll, remove_from_roll
from voting.elections.roll.roster import add_listed_to_roll
from voting.tests.factories import make_vote
from voting.tests.rolls import freeze_roster, freeze_with_ada

pytestmark = pytest.mark.django_db
REMOVED, ADDED = "You can no longer vote at Open Conf", "You can now vote at Open Conf"


@pytest.fixture
def chair(organiser):
    return Actor(organiser)


@pytest.fixture
def ada(conference):
    return freeze_with_ada(conference)


@pytest.fixture
def listed(conference):
    freeze_roster(conference)
    mail.outbox.clear()
    return conference


def sent():
    return [(message.to, message.subject) for message in mail.outbox]


def test_a_removed_member_is_notified_with_the_reason(ada, chair):
    remove_from_roll(membership=ada, by=chair, reason=" Refunded ")
    assert sent() == [([ada.user.email], REMOVED)]
    body = mail.outbox[0].body
    assert "Their reason, which all members can read: Refunded" in body
    assert "write to the organisers" in body


def test_the_email_does_not_depend_on_whether_the_member_had_voted(ada, bob, chair):
    remove_from_roll(membership=ada, by=chair, reason="Refunded")
    add_to_roll(membership=ada, by=chair, reason="By mistake")
    make_vote(ada, bob)
    remove_from_roll(membership=ada, by=chair, reason="Refunded")
    without, _added, with_vote = mail.outbox
    assert (without.subject, without.body) == (with_vote.subject, with_vote.body)


def test_a_member_added_late_is_notified_until_when_they_can_vote(ada, conference, chair):
    late = make_membership(conference, name="Late")
    add_to_roll(membership=late, by=chair, reason="Paid at the door")
    assert sent() == [([late.user.email], ADDED)]
    closes = Election.objects.get(pk=conference.pk).closes_at.astimezone(conference.zone)
    assert f"until {closes.day} {closes:%B %Y}" in mail.outbox[0].body
    assert "/conferences/open-conf/ballot/" in mail.outbox[0].body


def test_the_same_change_twice_notifies_once(ada, chair):
    for _turn in range(2):
        remove_from_roll(membership=ada, by=chair, reason="Refunded")
    assert len(mail.outbox) == 1


def test_a_member_removed_through_the_roster_is_notified(listed, chair):
    remove_entry(entry=RosterEntry.objects.get(mailbox="ben@example.org"), by=chair, reason="Refunded")
    assert sent() == [(["ben@example.org"], REMOVED)]
    assert "Refunded" in mail.outbox[0].body


def test_no_one_without_an_account_is_notified(listed, chair):
    remove_entry(entry=RosterEntry.objects.get(mailbox="cleo@example.org"), by=chair, reason="Refunded")
    dora = make_entry(listed, "dora@example.org")
    add_listed_to_roll(listed=dora, by=BY_COMMAND, reason="Forgotten")
    assert sent() == []


def test_an_excluded_member_is_not_invited_to_vote(ada, conference, chair):
    late = make_membership(conference, name="Late")
    exclude_member(membership=late, by=chair, reason="Spam")
    mail.outbox.clear()
    add_to_roll(membership=late, by=chair, reason="Paid")
    assert sent() == []


def test_a_removed_member_reads_their_own_language(ada, chair):
    User.objects.filter(pk=ada.user_id).update(language="de")
    remove_from_roll(membership=ada, by=chair, reason="Refunded")
    with override("de"):
        greeting = gettext("Hello %(name)s,") % {"name": "Ada"}
    assert mail.outbox[0].body.startswith(greeting)
