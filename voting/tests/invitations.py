"""Invitations for tests: entries of a roster, and the emails to them."""

import re
from urllib.parse import urlsplit

from django.core import mail
from django.utils import timezone

from accounts.actors import Actor
from conferences.models import RosterEntry
from conferences.tests.rosters.entries import make_entry
from voting.campaigns import actions
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign
from voting.campaigns.tokens import invitation_token
from voting.tests.campaigns import send

PASSWORD = "correct-horse-battery"
FORM = {"name": "Ada Lovelace", "password1": PASSWORD}


def make_invited(conference, email="ada@example.org", **columns):
    """An entry that was invited some time ago."""
    entry = make_entry(conference, email, **columns)
    RosterEntry.objects.filter(pk=entry.pk).update(invited_at=timezone.now())
    entry.refresh_from_db()
    return entry


def write(conference, organiser, kind="invitation", **words):
    text = KINDS[kind].draft.text_for(conference) | words
    return actions.announce(conference=conference, kind=kind, by=Actor(organiser), **text)


def invite(conference, organiser, kind="invitation"):
    """Written, approved by its author, and all sent."""
    campaign = Campaign.objects.select_related("conference__election").get(
        pk=write(conference, organiser, kind).pk
    )
    return send(campaign, organiser)


def path_of(entry):
    return f"/invitation/{invitation_token(entry)}/"


def invitations_to(email):
    return [message for message in mail.outbox if message.to == [email]]


def link_in(message):
    """The path of the invitation in the email's text."""
    return urlsplit(re.search(r"https?://\S+/invitation/\S+/", message.body)[0]).path
