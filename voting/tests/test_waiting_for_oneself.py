"""What an organiser wrote and may approve alone: others are asked only after an hour."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_organiser
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from voting.campaigns.models import Campaign
from voting.tests.invitations import write
from voting.tests.timetable import HOUR, MINUTE, sent_to, turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(organiser):
    """An organiser's own invitation with the standard text, in a team of two."""
    conference = make_conference(voting=None)
    make_entry(conference)
    make_organiser("second@example.org")
    return write(conference, organiser)


def test_no_one_is_asked_for_an_hour_to_approve_what_its_author_may_approve_alone(own, organiser):
    assert turn() == []
    Campaign.objects.update(requested_at=timezone.now() - HOUR - MINUTE)
    assert sent_to(turn()) == ["second@example.org"]
    assert turn() == []


@pytest.mark.parametrize("status", ["withdrawn", "approved"])
def test_no_one_hears_of_an_invitation_that_its_author_settled_within_the_hour(own, status):
    assert turn() == []
    later = timezone.now() + timedelta(days=1)
    Campaign.objects.update(status=status, send_at=later, requested_at=timezone.now() - 2 * HOUR)
    assert turn() == []


def test_what_its_author_may_not_approve_is_told_at_once(own):
    Campaign.objects.update(is_standard_text=False)
    assert sent_to(turn()) == ["second@example.org"]


def test_what_may_have_its_authors_own_pitch_is_told_at_once(own, organiser):
    make_membership(own.conference, user=organiser)
    assert sent_to(turn()) == ["second@example.org"]


def test_a_digest_of_something_else_leaves_it_out(own):
    Campaign.objects.create(conference=own.conference, kind="candidates", subject="Meet them")
    assert all("1 campaign to review" in message.body for message in turn())
