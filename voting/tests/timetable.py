from datetime import timedelta

from django.core import mail

from confbox.kit.clock import database_now
from conferences.models import Conference
from conferences.tests.factories import make_conference, update_elections
from voting.tests.campaigns import dispatch_due
from voting.timetable.sending import send_due_notices

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def make_vote_from(opens, closes, **columns):
    """A conference whose voting opens and closes this long from now; its rules were set long ago."""
    now = database_now()
    election = {"opens_at": now + opens, "closes_at": now + closes, "rules_set_at": now - 60 * DAY}
    return make_conference(**election | columns)


def pass_time(conference, by):
    """As if this much time had gone by for the vote of this conference."""
    found = Conference.objects.get(pk=conference.pk).election
    update_elections(conference, opens_at=found.opens_at - by, closes_at=found.closes_at - by)


def turn():
    """A turn of the worker, and everything it sends. Returns what has been sent by it."""
    before = len(mail.outbox)
    send_due_notices()
    dispatch_due()
    return mail.outbox[before:]


def sent_to(messages):
    return sorted(message.to[0] for message in messages)
