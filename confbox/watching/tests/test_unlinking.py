from datetime import timedelta

import pytest
from django.utils import timezone

from confbox.watching.checks.unlinking import unlinking
from confbox.watching.findings import Verdict
from voting.elections import actions
from voting.elections.receipts.models import PublishedBallots

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("is_automatic", "days"), [(True, 15), (False, 17)])
def test_voters_who_are_linked_for_longer_than_announced_are_a_warning(
    conference, settings, is_automatic, days
):
    settings.UNLINK_AUTOMATICALLY = is_automatic
    actions.close_voting(conference=conference)
    assert unlinking().verdict is Verdict.OK
    PublishedBallots.objects.update(published_at=timezone.now() - timedelta(days=days))
    assert (unlinking().verdict, unlinking().figure) == (Verdict.WARNING, 1)


def test_voters_whom_organisers_keep_linked_are_none(conference):
    actions.close_voting(conference=conference)
    now = timezone.now()
    PublishedBallots.objects.update(
        published_at=now - timedelta(days=15), held_until=now + timedelta(minutes=1)
    )
    assert unlinking().verdict is Verdict.OK
