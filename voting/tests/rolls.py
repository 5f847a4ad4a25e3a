"""Frozen rolls for tests."""

from datetime import timedelta

from accounts.actors import Actor
from accounts.tests.factories import make_user
from conferences.actions import join_conference
from conferences.models import RosterEntry
from conferences.tests.factories import make_membership, update_elections
from voting.elections.roll.actions import freeze_roll


def freeze_with_ada(conference):
    """Ada is on the frozen roll; members who join later may not vote."""
    update_elections(conference, late_joiners="may_not_vote")
    conference.refresh_from_db()
    before = conference.election.opens_at - timedelta(hours=1)
    ada = make_membership(conference, name="Ada", joined_at=before)
    freeze_roll(conference=conference)
    ada.conference.refresh_from_db()
    return ada


def freeze_roster(conference):
    """Only the roster votes: Ben, who has joined, and Cleo, who has not."""
    update_elections(conference, who_votes="roster")
    opens = conference.election.opens_at
    for name in ("ben", "cleo"):
        mailbox = f"{name}@example.org"
        RosterEntry.objects.create(conference=conference, email=mailbox, mailbox=mailbox, listed_at=opens)
    conference.refresh_from_db()
    freeze_roll(conference=conference)
    join_conference(conference=conference, by=Actor(make_user("ben@example.org")))
    return conference
