"""What happens to the campaigns of a person who deletes their account."""

import pytest
from django.core.cache import cache

from accounts.tests.factories import log_in_freshly
from voting.tests.campaigns import make_campaign


@pytest.fixture
def delete_bob(client, bob):
    cache.clear()

    def delete():
        log_in_freshly(client, bob.user)
        assert client.post("/people/delete/", {"understood": "on"}).status_code == 302

    return delete


@pytest.mark.parametrize("status", ["sending", "paused"])
def test_campaign_that_has_begun_is_stopped(delete_bob, bob, status):
    campaign = make_campaign(bob, status=status)
    delete_bob()
    campaign.refresh_from_db()
    assert campaign.status == "stopped"
    assert campaign.finished_at is not None


@pytest.mark.parametrize("status", ["requested", "approved"])
def test_campaign_that_waits_is_withdrawn(delete_bob, bob, status):
    campaign = make_campaign(bob, status=status)
    delete_bob()
    campaign.refresh_from_db()
    assert campaign.status == "withdrawn"


def test_what_the_person_wrote_before_an_edit_goes_too(delete_bob, bob):
    campaign = make_campaign(bob, subject_before_edit="Bob it is", message_before_edit="First words")
    delete_bob()
    campaign.refresh_from_db()
    assert (campaign.subject_before_edit, campaign.message_before_edit) == ("", "")
