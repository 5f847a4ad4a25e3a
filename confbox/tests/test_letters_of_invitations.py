"""What an invited person reads: when and where it is, until when members vote, how long the link works."""

from datetime import timedelta

import pytest
from django.utils import timezone

from confbox.tests.letters import Letter
from conferences.local_times import days_of, in_zone
from conferences.models import Conference
from conferences.tests.factories import update_elections
from conferences.tests.rosters.entries import make_entry
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.tokens import link_ends_at

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


@pytest.fixture
def to_invited(conference):
    """The standard email to one person on the roster of a conference in Pune, as a letter."""
    Conference.objects.update(time_zone="Asia/Kolkata", place="Pune, India")
    entry = make_entry(conference)

    def to_invited(kind="invitation", **columns):
        update_elections(conference, **columns)
        fresh = Conference.objects.select_related("election").get(pk=conference.pk)
        campaign = Campaign(conference=fresh, kind=kind, **KINDS[kind].draft.text_for(fresh))
        return fresh, Letter(CampaignEmails(campaign).to(Delivery(campaign=campaign, roster_entry=entry)))

    return to_invited


@pytest.mark.parametrize("kind", ["invitation", "joinreminder"])
def test_it_names_day_and_place_and_until_when_members_vote(to_invited, kind):
    conference, letter = to_invited(kind)
    closes = in_zone(conference, conference.election.closes_at)
    assert closes.endswith("(Asia/Kolkata)")
    for words in (letter.words, letter.html.text):
        assert f"Open Conf takes place on {days_of(conference)}, Pune, India." in words
        assert f"Voting is open: members choose the speaker until {closes}." in words
        assert "You can also stand as a candidate yourself." in words


def test_before_voting_opens_it_says_from_when_to_when(to_invited):
    opens, closes = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=5)
    conference, letter = to_invited(opens_at=opens, closes_at=closes)
    window = f"from {in_zone(conference, opens)} until {in_zone(conference, closes)}."
    assert f"Members choose the speaker {window}" in letter.words


def test_without_a_vote_ahead_it_promises_none(to_invited):
    _conference, letter = to_invited(rules_set_at=None)
    assert "choose the speaker until" not in letter.words
    assert "The link is for you alone and works once, until " in letter.words


def test_while_voting_is_open_it_promises_no_vote_to_those_who_may_not_join_it_late(to_invited):
    _conference, letter = to_invited(late_joiners="may_not_vote", who_votes="members")
    assert "choose the speaker until" not in letter.words
    assert "stand as a candidate" not in letter.words
    assert "The link is for you alone and works once, until " in letter.words


def test_the_end_of_the_link_is_not_taken_for_the_deadline_of_the_vote(to_invited):
    conference, letter = to_invited()
    until = in_zone(conference, link_ends_at(conference))
    assert f"works once, until {until}. To vote, join before voting closes." in letter.words
