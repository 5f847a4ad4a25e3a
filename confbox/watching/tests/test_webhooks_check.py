"""The doctor notices webhooks that accept nothing, and messages that no worker sends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from confbox.watching.checks.webhooks import webhooks
from confbox.watching.findings import Verdict
from conferences.tests.webhooks import make_endpoint, make_event

pytestmark = pytest.mark.django_db
LONG_AGO, JUST_NOW = timedelta(minutes=-61), timedelta(minutes=-1)


def verdict(conference, *, at, **columns):
    """Times are counted from now, which in a long run is not when this module was imported."""
    now = timezone.now()
    times = {name: now + after for name, after in columns.items() if isinstance(after, timedelta)}
    make_event(make_endpoint(conference, **columns | times), at=now + at)
    return webhooks().verdict, webhooks().figure


def test_message_that_has_just_been_stored_is_well(conference):
    assert verdict(conference, at=JUST_NOW) == (Verdict.OK, 0)


def test_message_that_no_worker_sends_is_a_warning(conference):
    assert verdict(conference, at=LONG_AGO) == (Verdict.WARNING, 1)


def test_message_that_is_being_sent_is_well(conference):
    claimed = {"claim": "x", "claimed_until": timedelta(minutes=1)}
    assert verdict(conference, at=LONG_AGO, **claimed) == (Verdict.OK, 0)


def test_message_whose_next_attempt_has_just_come_is_well(conference):
    resting = {"failing_since": JUST_NOW, "next_attempt_at": JUST_NOW}
    assert verdict(conference, at=LONG_AGO, **resting) == (Verdict.OK, 0)


@pytest.mark.parametrize(("since", "expected"), [(JUST_NOW, Verdict.OK), (LONG_AGO, Verdict.WARNING)])
def test_webhook_that_has_accepted_nothing_for_an_hour_is_a_warning(conference, since, expected):
    later = {"failing_since": since, "next_attempt_at": timedelta(hours=1)}
    found, _number = verdict(conference, at=JUST_NOW, **later)
    assert found is expected


def test_webhook_that_is_switched_off_is_well(conference):
    off = {"failing_since": LONG_AGO, "switched_off_at": JUST_NOW}
    assert verdict(conference, at=LONG_AGO, **off) == (Verdict.OK, 0)
